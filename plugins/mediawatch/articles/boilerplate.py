"""What stands inside an article's markup and is not the article: by the names of elements, and by what lines say."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

MAX_CHARS = 400
"""How much of an element's names is read."""
ATTRIBUTES = ("class", "id", "role", "data-component")

BOX_NAMES = re.compile(
    r"related|read-?more|more-?(?:on|from|stories|news|articles)|also-?(?:read|like)|recommend|most-?(?:read|"
    r"popular|viewed)|"
    r"trending|teaser|promo(?!te)|outbrain|taboola|newsletter|sign-?up|subscribe|subscription|cookie|consent|gdpr|"
    r"share(?:-|$|bar|tools|buttons)|social(?:-|$)|follow-?us|comment(?:s|-|$)|disqus|author-?(?:bio|box|info)|"
    r"about-?the-?author|breadcrumb|advert|sponsor|(?:^|[- ])(?:ads?|tags)(?:[- ]|$)|tag-?(?:list|cloud)|"
    r"affiliate|disclaimer|disclosure|tooltip|modal(?:$|[- ])|pop-?up|dropdown|overlay|toolbar|jump-?label|"
    r"table-?of-?contents|(?:^|[- ])toc(?:$|[- ])|(?:video|audio|media|music)-?player|"
    r"video-?(?:data|meta|info|title|description|card|item|list|playlist)|info-?box|fact-?box|"
    r"twitter-tweet|instagram-media|tiktok-embed|fb-post|visually-?hidden|sr-only|screen-?reader|"
    r"paywall-?(?:overlay|box|teaser|offer|barrier|prompt)|"
    r"relacionad|te-?puede|lea-?tambi|leia-?(?:mais|tambem)|verwandt|mehr-?zum|lesen-?sie|a-?lire|lire-?aussi",
    re.IGNORECASE,
)
COMMENT_NAMES = re.compile(r"comment|disqus|kommentar|comentario|replies", re.IGNORECASE)
SUBJECTS = re.compile(r"(?:^|(?<= ))(?:tag|category|cat|topic)-\S+", re.IGNORECASE)
"""Classes that name what an article is on, and not what the element is: WordPress sets them."""
CAPTION_NAMES = re.compile(
    r"caption|(?:photo|image|picture|foto|bild)(?:-|$|s?info|text|desc|zeile|unterschrift|quelle)|credits?(?:$|[- ])|"
    r"copyright|absatzbild|(?<!has-)(?<!with-)(?<!no-)image(?:$|[- ])|media-?(?:info|text|desc|title|caption)|"
    r"pie-?de-?foto|legenda",
    re.IGNORECASE,
)
META_NAMES = re.compile(
    r"byline|author|autor|date(?:$|[- ])|timestamp|publish|kicker|overline|dachzeile|eyebrow|topline|category|rubri|"
    r"section-?(?:name|label|title)|(?:^|[- ])(?:label|badge|source)(?:$|[- ])|meta(?:$|[- ])",
    re.IGNORECASE,
)
BYLINE_NAMES = re.compile(r"(?:^|[- ])(?:byline|authors?|autor(?:en|in|es)?|writer|verfasser)(?:$|[- ])", re.IGNORECASE)
LEAD_NAMES = re.compile(
    r"(?:^|[- ])(?:lead|lede|standfirst|summary|excerpt|dek|intro|subtitle|sub-?head(?:line)?|subline|description|"
    r"abstract|chapo|entradilla|bajada|vorspann|ingress|sapo|sottotitolo|occhiello)(?:$|[- ])|"
    r"key-?points|highlights|takeaways",
    re.IGNORECASE,
)
BODY_NAMES = re.compile(
    r"(?:article|story|post|entry|news|content|text|artikel|articulo|noticia|nota|materia)-{0,2}"
    r"(?:body|text|content|copy|inner|main)|body-?(?:text|content|copy)|(?:^|[ -])prose|artikelinhalt|rich-?text|"
    r"wysiwyg",
    re.IGNORECASE,
)

LABEL = re.compile(
    r"(?:read|see|learn|find out|discover|watch|listen) (?:more|also|next|now)\b|also read\b|follow us\b|sign up\b|"
    r"related(?: stor| article|:| content| links| posts| topics| news|$)|subscribe\b|don.t miss|most read|"
    r"more (?:on this|from|about this|stories)\b|recommended(?::| for you| reading| stories|$)|advertisement\W*$|"
    r"sponsored(?: content| post|\W*$)|support (?:our|independent) (?:journalism|work|newsroom|reporting)|"
    r"hat ihnen (?:dieser|der) artikel|mehr (?:zum thema|dazu\b|aus (?:der|dem)|von uns)|zum thema\W*$|lesen sie|"
    r"lesetipp|"
    r"mehr zu.{0,80}(?:lesen|finden|gibt es|hier|:)|auch interessant|das könnte (?:sie|dich|ihnen|dir)|empfohlener|"
    r"(?:ähnliche|verwandte|weitere) (?:artikel|beiträge|themen|nachrichten|informationen)|anzeige\W*$|"
    r"hier (?:geht|lesen)|(?:à )?lire (?:aussi|également)|lea (?:también|mas|más)|te puede interesar|"
    r"you (?:may|might) (?:also )?(?:like|be interested)|te podría interesar|quizás te interese|"
    r"você (?:pode gostar|também pode)|vous (?:aimerez|pourriez)|sur le même sujet|potrebbe(?:ro)? interessart|"
    r"mer om\W*$|mehr zum\b|leia (?:também|mais)|veja (?:também|mais)|leggi anche|czytaj (?:także|też|więcej|również)|"
    r"zobacz (?:też|także|również)|les (?:også|mer)\b|läs (?:också|mer|även)|læs (?:også|mere)|se også|"
    r"lees (?:ook|meer)|"
    r"читайте (?:также|ещё)|читати (?:також)|baca juga|bunu da|ilgili haber|関連記事|あわせて読|関連ニュース|相关阅读|"
    r"相關新聞|관련기사",
    re.IGNORECASE,
)
"""How a line begins that leads elsewhere."""
LABEL_CHARS = 200

CREDIT = re.compile(
    r"\W*(?:(?:photo|image|picture|foto|fotos|bild|bilder|photograph|photographer|credit|imagen|crédito|grafik|"
    r"video|source|"
    r"quelle|fuente|写真|撮影|图|사진)(?: (?:by|via|credit|courtesy(?: of)?|von|de))?\s?[:：/|©]|©|"
    r"(?:getty|shutterstock|imago|picture alliance|dpa/))",
    re.IGNORECASE,
)
"""How a line begins that names who made a picture."""

NOTICE = re.compile(
    r"by (?:submitting|signing up|registering|subscribing|entering) (?:your|you|i)\b|agree to (?:the|our|receive) |"
    r"(?:create an account|sign in|log in|register) (?:or|to|and) |already a (?:member|subscriber)|"
    r"(?:jetzt|hier) (?:abonnieren|registrieren|anmelden)|melden sie sich an|"
    r"we use cookies|(?:accept|use of) (?:all )?cookies|cookie (?:policy|settings|preferences)|"
    r"sign up (?:for|to) (?:our|the|receive)|subscribe to (?:our|the) [\w\s]{0,30}newsletter|"
    r"externe[nrs]? inhalte?\b.{0,80}(?:angezeigt|anzeigen|ergänzt|anreichert)|inhalte von \w+ angezeigt werden|"
    r"an drittplattformen|(?:diesen|unseren?|den) newsletter (?:abonnieren|bestellen)|politique de (?:cookies|"
    r"confidentialité)|"
    r"utilizamos cookies|usamos cookies|s'inscrire à la newsletter|suscríbete a|"
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"todos os direitos reservados|無断転載|무단\s?전재|版权所有",
    re.IGNORECASE,
)
"""What a notice of the site's says somewhere: consent, sign-up, rights."""
NOTICE_CHARS = 500


def names(element: HtmlElement) -> str:
    """Class, id and role of an element, with hyphens for underscores."""
    return " ".join(filter(None, map(element.get, ATTRIBUTES)))[:MAX_CHARS].replace("_", "-")


# a page has thousands of elements and some dozens of names: unremembered, each of these would cost 10 ms a page


@lru_cache(maxsize=4_096)
def is_box(named: str) -> bool:
    """Whether an element of these names holds related stories, sign-ups, consent, sharing, players and the like."""
    return BOX_NAMES.search(SUBJECTS.sub("", named)) is not None


@lru_cache(maxsize=4_096)
def is_comment(named: str) -> bool:
    """Whether an element of these names holds what readers wrote."""
    return COMMENT_NAMES.search(named) is not None


@lru_cache(maxsize=4_096)
def is_caption(named: str) -> bool:
    """Whether an element of these names holds a picture's caption or credit."""
    return CAPTION_NAMES.search(named) is not None


@lru_cache(maxsize=4_096)
def is_meta(named: str) -> bool:
    """Whether an element of these names holds a byline, a date, a kicker."""
    return META_NAMES.search(named) is not None


@lru_cache(maxsize=4_096)
def is_byline(named: str) -> bool:
    """Whether an element of these names says who wrote the article."""
    return BYLINE_NAMES.search(named) is not None


@lru_cache(maxsize=4_096)
def is_lead(named: str) -> bool:
    """Whether an element of these names opens an article: a standfirst, the key points."""
    return LEAD_NAMES.search(named) is not None


@lru_cache(maxsize=4_096)
def is_body(named: str) -> bool:
    """Whether an element of these names holds an article's text."""
    return BODY_NAMES.search(named) is not None


def said(line: str) -> str:
    """What a line is that is no part of an article by what it says: "label", "credit" or "notice"; "" if it may be."""
    size = len(line)
    if size < LABEL_CHARS and LABEL.match(line):
        return "label"
    if size < LABEL_CHARS and CREDIT.match(line):
        return "credit"
    return "notice" if size < NOTICE_CHARS and NOTICE.search(line) else ""
