"""What stands inside an article's markup and is not the article: related stories, sign-ups, consent, sharing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

MAX_SHARE = 0.2
"""An element with more of the page's prose than this is never taken for a box, whatever its name says."""

NEVER = frozenset(("html", "head", "body", "article", "main", "p"))
ATTRIBUTES = ("class", "id", "role", "data-component")
PROSE = etree.XPath(".//p//text()[not(ancestor::a)]|.//text()[parent::div or parent::article or parent::section]")
NAMES = re.compile(
    r"related|read-?more|more-?(?:on|from|stories|news|articles)|also-?(?:read|like)|recommend|most-?(?:read|popular|viewed)|"
    r"trending|teaser|promo(?!te)|outbrain|taboola|newsletter|sign-?up|subscribe|subscription|cookie|consent|gdpr|"
    r"share(?:-|_|$|bar|tools|buttons)|social(?:-|_|$)|follow-?us|comment(?:s|-|_|$)|disqus|author-?(?:bio|box|info)|"
    r"about-?the-?author|breadcrumb|advert|sponsor|(?:^|[-_ ])(?:ads?|tags)(?:[-_ ]|$)|tag-?(?:list|cloud)|"
    r"relacionad|te-?puede|lea-?tambi|leia-?(?:mais|tambem)|verwandt|mehr-?zum|lesen-?sie|a-?lire|lire-?aussi",
    re.IGNORECASE,
)


def prune(tree: HtmlElement) -> None:
    """Takes such boxes out of `tree`, in place. What carries much of the page's prose stays, whatever it is called."""
    most = MAX_SHARE * _prose_chars(tree)
    boxes = [element for element in tree.iter("*") if element.tag not in NEVER and _is_box(_names(element))]
    for element in boxes:
        if element.getparent() is not None and _prose_chars(element) <= most:
            element.drop_tree()


def _names(element: HtmlElement) -> str:
    return " ".join(filter(None, map(element.get, ATTRIBUTES)))


@lru_cache(maxsize=4_096)
def _is_box(names: str) -> bool:
    # a page has thousands of elements and some dozens of names: unremembered, this would cost 20 ms a page
    return bool(names) and NAMES.search(names) is not None


def _prose_chars(element: HtmlElement) -> int:
    """Characters of running text: in paragraphs outside links, or straight in a container."""
    texts = cast("list[str]", PROSE(element))
    return sum(len(text.strip()) for text in texts)
