"""Sitemaps: Google-News sitemaps, plain ones, and the index that points at others (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from mediawatch.feeds.dates import read_date
from mediawatch.feeds.links import absolute
from mediawatch.feeds.text import one_line, text_of
from mediawatch.models import EntryData, FeedData


def read_sitemap(text: str, *, url: str) -> FeedData:
    """Entries of a urlset; of an index, no entries and the sitemaps it names as `alternates`.

    A plain sitemap has neither titles nor dates of publication: its `lastmod` is taken, and a note says so.
    """
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        return FeedData("sitemap", "", (), (f"not well-formed: {one_line(str(error))[:200]}",))
    if root is None:
        return FeedData("sitemap", "", (), ("not well-formed: no root element",))
    broken = tuple(f"not well-formed: {one_line(entry.message)[:200]}" for entry in list(parser.error_log)[:1])
    if _name(root) == "sitemapindex":
        return FeedData("sitemap", "", (), broken, alternates=_children(root, url))
    found = [_entry(item, url) for item in root if _name(item) == "url"]
    notes = ("dates are lastmod, not publication",) if any(dated_by_change for _, dated_by_change in found) else ()
    return FeedData("sitemap", _publication(root), tuple(entry for entry, _ in found), broken + notes)


def _children(root: etree._Element, url: str) -> tuple[str, ...]:
    """Newest first, by what the index says of their last change; those that it dates not come before."""
    items = [item for item in root if _name(item) == "sitemap"]
    dated = [(read_date(_text(item, "lastmod")), absolute(url, _text(item, "loc"))) for item in items]
    dated.sort(key=lambda each: each[0].timestamp() if each[0] else float("inf"), reverse=True)
    return tuple(dict.fromkeys(link for _, link in dated if link))


def _entry(item: etree._Element, url: str) -> tuple[EntryData, bool]:
    claimed = _text(item, "publication_date")
    raw = claimed or _text(item, "lastmod")
    entry = EntryData(
        url=absolute(url, _text(item, "loc")),
        guid=None,
        title=_text(item, "news:title"),
        summary="",
        published=read_date(raw),
        published_raw=raw or None,
        updated=read_date(_text(item, "lastmod")),
    )
    return entry, bool(raw and not claimed)


def _publication(root: etree._Element) -> str:
    return next((_text(part, "name") for part in root.iter() if _name(part) == "publication"), "")


def _text(item: etree._Element, name: str) -> str:
    """Text of the first descendant of that local name; `news:title` must lie in a news element, not in an image's."""
    parent, _, name = name.rpartition(":")
    for part in _elements(item):
        above = part.getparent()
        if _name(part) == name and (not parent or (above is not None and _name(above) == parent)):
            return one_line(text_of(part))
    return ""


def _elements(item: etree._Element) -> Iterator[etree._Element]:
    return (part for part in item.iterdescendants() if isinstance(part.tag, str))


def _name(element: etree._Element) -> str:
    """Local name: publishers write the namespaces wrong more often than the names."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""
