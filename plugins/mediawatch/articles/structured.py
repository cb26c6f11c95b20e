"""What a page says of itself for machines: JSON-LD, meta elements, microdata and <time>."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from mediawatch.articles.paragraphs import fold
from mediawatch.articles.sentences import count_words

Claim = tuple[str, str]
"""(origin, raw value), e.g. ("json-ld", "2024-01-31T10:00:00Z")."""


@dataclass(frozen=True)
class Structured:
    """Claims in order of trust, best first. `free` is isAccessibleForFree; `body` is articleBody, as plain text;
    `word_count` is wordCount, `paid_words` how many words the page has in the parts that it says are not free.

    `types`: the lower-case @types of the JSON-LD nodes and og:type; `is_article`: one of them is an article's.
    `sources`: who else it is said to come from; `twins`: its AMP renderings.
    """

    titles: tuple[Claim, ...] = ()
    published: tuple[Claim, ...] = ()
    modified: tuple[Claim, ...] = ()
    authors: tuple[Claim, ...] = ()
    canonicals: tuple[Claim, ...] = ()
    sections: tuple[Claim, ...] = ()
    tags: tuple[Claim, ...] = ()
    images: tuple[Claim, ...] = ()
    site_names: tuple[Claim, ...] = ()
    sources: tuple[Claim, ...] = ()
    twins: tuple[Claim, ...] = ()
    free: bool | None = None
    body: str | None = None
    word_count: int | None = None
    paid_words: int | None = None
    types: frozenset[str] = frozenset()
    is_article: bool = False

    @property
    def site_name(self) -> str | None:
        """What the page calls its site."""
        return self.site_names[0][1] if self.site_names else None


ARTICLE_TYPES = frozenset(("blogposting", "liveblogposting", "report", "socialmediaposting", "newsarticle", "article"))
PAGE_TYPES = frozenset(("webpage", "itempage"))
INNER = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where an article node may stand inside another. Not in lists of links (itemListElement) or parts (hasPart)."""

PUBLISHED_META = (
    *(
        "article:published_time",
        "article:published:time",
        "og:article:published_time",
        "og:published_time",
        "datepublished",
        "parsely-pub-date",
    ),
    *("sailthru.date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "pubdate"),
    *("publishdate", "publish-date", "publish_date", "publication_date", "publication-date", "originalpublicationdate"),
    *(
        "article.published",
        "article:published",
        "published_time",
        "cxenseparse:recs:publishtime",
        "rnews:datepublished",
    ),
    *("citation_publication_date", "article_date_original", "published_at", "published", "dc.date", "dcterms.date"),
    "date",
)
MODIFIED_META = (
    *(
        "article:modified_time",
        "article:modified:time",
        "og:article:modified_time",
        "og:updated_time",
        "datemodified",
        "dcterms.modified",
    ),
    *("dc.date.modified", "lastmod", "last-modified", "article.updated", "revised", "updated_time"),
)
TITLE_META = ("og:title", "twitter:title", "headline", "dc.title", "dcterms.title", "parsely-title", "sailthru.title")
AUTHOR_META = (
    "author",
    "article:author_name",
    "cxenseparse:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
)
SECTION_META = ("article:section", "parsely-section", "sailthru.section", "section", "category", "content_category")
TAG_META = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords")
IMAGE_META = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image")
SOURCE_META = ("syndication-source", "original-source", "dcterms.source", "dc.source", "article:source", "source")
SITE_META = ("og:site_name", "application-name", "cre", "twitter:app:name:iphone")

MAX_CHARS = 4_000
"""No title, name or date is longer."""
OPENING_CHARS = 100
MAX_DIGITS = 7
MAX_PARTS = 5
"""Selectors, and elements that one selects, that are looked at."""
LD_SCRIPTS = etree.XPath("//script[contains(translate(@type,'LDJSON','ldjson'),'ld+json')]")
ITEMPROP_DATES = etree.XPath("//*[@itemprop='datePublished' or @itemprop='dateModified'][not(self::meta)]")
TIMES = etree.XPath(
    "//time[@datetime or text()]"
    "[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::li or ancestor::a)]"
)
HEADINGS = etree.XPath(
    "//h1[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::li)] | "
    "//h2[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::li)]"
)
H1_IN_LIST = etree.XPath("//h1[ancestor::li][not(ancestor::aside or ancestor::nav or ancestor::footer)]")
MAX_HEADINGS = 50
TELLING_CHARS = 20
"""A heading of this length does not stand within a title by chance."""
CLASS = etree.XPath("//body//*[contains(concat(' ', normalize-space(@class), ' '), $name)]")
ID = etree.XPath("//body//*[@id = $name]")
SELECTOR = re.compile(r"([.#])([\w-]+)\s*$")
BREAKS = re.compile(r"<(?:/?p|br|/?div|/?h\d|/?li)\b[^>]*>", re.IGNORECASE)
TAGS = re.compile(r"<[^<>]+>")
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?|;)\s*$"
)
OPENING = re.compile(r"[{\[]")


def read(tree: HtmlElement) -> Structured:
    """All claims of a parsed page. Never raises on what a page contains."""
    nodes = list(_nodes(tree))
    article = next((node for node in nodes if _is(node, ARTICLE_TYPES)), {})
    page = next((node for node in nodes if _is(node, PAGE_TYPES)), {})
    meta = _meta(tree)
    titles = (*_named(meta, TITLE_META), *_ld(article, "headline"))
    named = tuple(_title_element(tree))
    return Structured(
        titles=(*titles, *_heading(tree, titles or named), *named),
        published=(
            *_ld(article, "datePublished"),
            *_named(meta, PUBLISHED_META),
            *_ld(page, "datePublished"),
            *_dates(tree, "datePublished"),
        ),
        modified=(
            *_ld(article, "dateModified"),
            *_named(meta, MODIFIED_META),
            *_ld(page, "dateModified"),
            *_dates(tree, "dateModified"),
        ),
        authors=_authors(nodes, article, meta),
        canonicals=_canonicals(tree, meta),
        sections=(*_ld(article, "articleSection"), *_named(meta, SECTION_META)),
        tags=(*_ld(article, "keywords"), *(("meta", tag) for name in TAG_META for tag in meta.get(name, ()))),
        images=(*_images(article), *_named(meta, IMAGE_META)),
        site_names=_site_names(article, meta),
        sources=(*_ld(article, "sourceOrganization"), *_ld(article, "isBasedOn"), *_named(meta, SOURCE_META)),
        twins=tuple(("link", link) for link in _links(tree, "amphtml")),
        free=_free(article) if _free(article) is not None else _free(page),
        body=_plain(article.get("articleBody")),
        word_count=_count(article.get("wordCount")),
        paid_words=_paid_words(article, tree),
        types=frozenset((*(name for node in nodes for name in _types(node)), *meta.get("og:type", ()))),
        is_article=bool(article) or "article" in meta.get("og:type", ()),
    )


# ---- JSON-LD ---------------------------------------------------------------------------------------------------------


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in _all(LD_SCRIPTS, tree):
        for value in _values(script.text or ""):
            yield from _inside(value)


def _values(text: str) -> Iterator[Any]:
    """The JSON values of one script; what cannot be read, even after the usual repairs, is skipped."""
    text = WRAPPING.sub("", WRAPPING.sub("", text.strip())).strip()
    for repaired in (text, TRAILING_COMMA.sub(r"\1", text), html.unescape(text)):
        with suppress(ValueError, RecursionError):
            yield json.loads(repaired, strict=False)
            return
    yield from _leading_values(text)


def _leading_values(text: str) -> Iterator[Any]:
    """Values that stand one after the other without a list around them, up to the first broken one."""
    decoder, at = json.JSONDecoder(strict=False), 0
    while (at := _next_value(text, at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def _next_value(text: str, at: int) -> int:
    found = OPENING.search(text, at)
    return found.start() if found else -1


def _inside(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, list):
            yield from _inside(node, depth + 1)
        elif isinstance(node, dict):
            yield node
            for key in INNER:
                yield from _inside(node.get(key), depth + 1)


def _types(node: dict[str, Any]) -> list[str]:
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return [name.rpartition("/")[2].lower() for name in names if isinstance(name, str)]


def _is(node: dict[str, Any], types: frozenset[str]) -> bool:
    return any(name in types or (name.endswith("article") and "article" in types) for name in _types(node))


def _ld(node: dict[str, Any], key: str) -> Iterator[Claim]:
    for value in _strings(node.get(key)):
        yield "json-ld", value


def _strings(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        item = item.get("name") or item.get("@value") if isinstance(item, dict) else item
        if isinstance(item, (list, dict)):
            yield from _strings(item)
        elif isinstance(item, (str, int)) and not isinstance(item, bool) and (text := _line(str(item))):
            yield text


def _free(node: dict[str, Any]) -> bool | None:
    for value in (node.get("isAccessibleForFree"), *(part.get("isAccessibleForFree") for part in _parts(node))):
        if value is not None:
            return str(value).rpartition("/")[2].strip().lower() not in ("false", "0", "no")
    return None


def _parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    parts = node.get("hasPart")
    return (part for part in (parts if isinstance(parts, list) else [parts]) if isinstance(part, dict))


def _paid_words(article: dict[str, Any], tree: HtmlElement) -> int | None:
    """None without a part that is not free and has a selector that ends with a class or an id: others are not read."""
    parts = [part.get("cssSelector") for part in _parts(article) if _free(part) is False][:MAX_PARTS]
    named = [(found[1] == ".", found[2]) for part in parts if (found := SELECTOR.search(str(part)))]
    words = [
        count_words(each.text_content())
        for by_class, name in named
        for each in _called(tree, by_class, name)[:MAX_PARTS]
    ]
    return sum(words) if named else None


def _called(tree: HtmlElement, by_class: bool, name: str) -> list[HtmlElement]:
    path = CLASS if by_class else ID
    return cast("list[HtmlElement]", path(tree, name=f" {name} " if by_class else name))


def _plain(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    text = html.unescape(value) if "&lt;" in value else value
    return _once(html.unescape(TAGS.sub("", BREAKS.sub("\n", text))).strip()) or None


def _count(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_DIGITS else None


def _once(text: str) -> str:
    """Some systems state a body twice in a row."""
    again = text.find(text[:OPENING_CHARS], OPENING_CHARS) if len(text) > 2 * OPENING_CHARS else -1
    return text[:again].rstrip() if again > 0 else text


# ---- meta elements and the page's own elements -----------------------------------------------------------------------


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = _line(element.get("content") or "")
        for attribute in ("property", "name", "itemprop"):
            if content and (key := element.get(attribute)):
                meta.setdefault(key.strip().lower(), []).append(content)
    return meta


def _named(meta: dict[str, list[str]], names: tuple[str, ...]) -> Iterator[Claim]:
    for name in names:
        if name in meta:
            yield "meta", meta[name][0]


def _heading(tree: HtmlElement, said: Iterable[Claim]) -> Iterator[Claim]:
    """The heading that another claim says too; without one the first <h1>, one in a list (of crumbs) last."""
    found = [(each.tag, _line(each.text_content())) for each in _all(HEADINGS, tree)[:MAX_HEADINGS]]
    firsts = [text for tag, text in found if tag == "h1" and text]
    firsts += [text for each in _all(H1_IN_LIST, tree)[:1] if (text := _line(each.text_content()))]
    titles = {fold(text) for _, text in said}
    same = (text for text in (*firsts, *(text for _, text in found)) if text and fold(text) in titles)
    long = (text for _, text in found if len(text) >= TELLING_CHARS)
    within = (text for text in (*firsts, *long) if any(fold(text) in title for title in titles))
    yield from (("h1", text) for text in [*same, *within, *firsts][:1])


def _title_element(tree: HtmlElement) -> Iterator[Claim]:
    element = tree.find(".//title")
    if element is not None and (text := _line(element.text_content())):
        yield "title", text


def _dates(tree: HtmlElement, name: str) -> Iterator[Claim]:
    for element in _all(ITEMPROP_DATES, tree):
        if element.get("itemprop") == name:
            yield "microdata", _line(element.get("content") or element.get("datetime") or element.text_content())
    if name == "datePublished":
        for element in _all(TIMES, tree)[:1]:
            yield "time", _line(element.get("datetime") or element.text_content())


def _canonicals(tree: HtmlElement, meta: dict[str, list[str]]) -> tuple[Claim, ...]:
    return (*(("link", link) for link in _links(tree, "canonical")), *_named(meta, ("og:url",)))


def _links(tree: HtmlElement, rel: str) -> Iterator[str]:
    links = (link.get("href") for link in tree.iter("link") if rel in (link.get("rel") or "").lower().split())
    return (link for link in links if link)


def _authors(nodes: list[dict[str, Any]], article: dict[str, Any], meta: dict[str, list[str]]) -> tuple[Claim, ...]:
    """Bylines as they are stated. An author may be a mere reference to another node."""
    people = {
        node["@id"]: node for node in nodes if node.get("@id") and isinstance(node["@id"], str) and "name" in node
    }
    stated = article.get("author") or article.get("creator")
    listed = stated if isinstance(stated, list) else [stated]
    resolved = [people.get(_reference(item), item) for item in listed]
    named = next((meta[name] for name in AUTHOR_META if name in meta), [])
    return (*(("json-ld", name) for name in _strings(resolved)), *(("meta", name) for name in named))


def _reference(item: Any) -> str:
    found = item.get("@id") if isinstance(item, dict) and "name" not in item else None
    return found if isinstance(found, str) else ""


def _images(article: dict[str, Any]) -> Iterator[Claim]:
    for value in (article.get("image"), article.get("thumbnailUrl")):
        for item in value if isinstance(value, list) else [value]:
            url = item.get("url") or item.get("@id") if isinstance(item, dict) else item
            if isinstance(url, str) and url.strip():
                yield "json-ld", url.strip()


def _site_names(article: dict[str, Any], meta: dict[str, list[str]]) -> tuple[Claim, ...]:
    return (*_named(meta, SITE_META[:1]), *_ld(article, "publisher"), *_named(meta, SITE_META[1:]))


def _all(path: etree.XPath, tree: HtmlElement) -> list[HtmlElement]:
    return cast("list[HtmlElement]", path(tree))


def _line(text: str) -> str:
    """One line without markup and entities; publishers escape them twice."""
    return " ".join(html.unescape(TAGS.sub("", text[:MAX_CHARS])).split())
