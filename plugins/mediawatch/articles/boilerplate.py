"""What stands inside an article's markup and is not the article: related stories, sign-ups, consent, sharing."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

MAX_SHARE = 0.2
"""An element with more of the page's prose than this is never taken for a box, whatever its name says."""

BLOCKS = etree.XPath(
    "//*[@class or @id or @role or @data-component][not(self::html or self::body or self::article or self::main)]"
)
PROSE = etree.XPath(".//p//text()[not(ancestor::a)]|.//text()[parent::div or parent::article or parent::section]")
NAMES = re.compile(
    r"related|read-?more|more-?(?:on|from|stories|news|articles)|also-?(?:read|like)|recommend|most-?(?:read|popular|viewed)|"
    r"trending|teaser|promo(?!te)|outbrain|taboola|newsletter|sign-?up|subscribe|subscription|cookie|consent|gdpr|"
    r"share(?:-|_|$|bar|tools|buttons)|social(?:-|_|$)|follow-?us|comment(?:s|-|_|$)|disqus|author-?(?:bio|box|info)|"
    r"about-?the-?author|breadcrumb|advert|sponsor|(?:^|[-_ ])ads?(?:[-_ ]|$)|tag-?(?:list|cloud)|(?:^|[-_ ])tags(?:[-_ ]|$)|"
    r"relacionad|te-?puede|lea-?tambi|leia-?(?:mais|tambem)|verwandt|mehr-?zum|lesen-?sie|a-?lire|lire-?aussi",
    re.IGNORECASE,
)


def prune(tree: HtmlElement) -> None:
    """Takes such boxes out of `tree`, in place. What carries much of the page's prose stays, whatever it is called."""
    most = MAX_SHARE * _prose_chars(tree)
    for element in BLOCKS(tree):
        gone = element.getparent() is None
        if not gone and NAMES.search(_names(element)) and _prose_chars(element) <= most:
            element.drop_tree()


def _names(element: HtmlElement) -> str:
    return " ".join(element.get(name) or "" for name in ("class", "id", "role", "data-component"))


def _prose_chars(element: HtmlElement) -> int:
    """Characters of running text: in paragraphs outside links, or straight in a container."""
    return sum(len(text.strip()) for text in PROSE(element))
