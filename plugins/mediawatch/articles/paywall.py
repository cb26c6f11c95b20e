"""Whether a text is only what a page shows before its paywall; by several signs: each alone is on whole articles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mediawatch.articles.blocks import Block
from mediawatch.articles.structured import Structured

STUB_WORDS = 100
"""A text of a page that is not free, or asks for a subscription, is a stub if it is shorter than this."""
TWO_SIGNS_WORDS = 300
"""A longer one takes three signs: whole articles have a wall after them that a script takes away…"""
MOST_WORDS = 600
"""…and no stub is longer than this."""
STATED = 1.6
MOST_STATED = 20.0
"""A stated number of words is believed between so many times ours: some count characters, or all of the site's."""
NEAR_BLOCKS = 8
"""A wall stands so soon after the last line of the text."""
END_CHARS = 300
CUT = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\])\W*$")

WALL = re.compile(
    r"subscribe (?:now )?to (?:continue|read|keep|unlock)|(?:to )?continue reading,? (?:subscribe|log ?in|sign)|"
    r"(?:keep|continue) reading (?:for|with|by) |sign (?:in|up) to (?:continue|keep) reading|"
    r"reserved for subscribers|(?:for|to) subscribers only|exclusive (?:to|for) (?:our )?(?:subscribers|members)|"
    r"already (?:a|have a) subscri|unlock (?:this|the|full) (?:article|story|access)|"
    r"this (?:article|story|content) is (?:only )?(?:for|available to) (?:paid |premium )?(?:subscribers|members)|"
    r"register to (?:continue|read)|become a (?:subscriber|member) to (?:read|continue)|"
    r"jetzt weiterlesen|weiterlesen mit|(?:nur|exklusiv) für abonnent|bereits abonnent|sie haben bereits ein|"
    r"um (?:den|diesen) (?:artikel|text) (?:ganz |vollständig |weiter)?zu lesen|diesen artikel weiterlesen|"
    r"réservé(?:e)? (?:aux|à nos) abonnés|déjà abonné|abonnez-vous pour (?:lire|continuer)|"
    r"pour lire la suite|la suite est réservée|il vous reste .{1,12} de cet article|"
    r"exclusivo para suscriptores|solo para suscriptores|ya (?:eres|es) suscriptor|"
    r"suscríbe(?:te|se) para (?:seguir|continuar|leer)|para seguir leyendo|contenido exclusivo para|"
    r"exclusivo para assinantes|já é assinante|assine para (?:continuar|ler)|continue lendo|conteúdo exclusivo para|"
    r"riservato agli abbonati|sei già abbonato|abbonati per (?:continuare|leggere)|per continuare a leggere|"
    r"voor abonnees|al abonnee|verder lezen\?|word abonnee|"
    r"kun for abonnenter|for abonnenter|allerede abonnent|fortsett å lese|redan prenumerant|för prenumeranter|"
    r"för att läsa vidare|fortsæt med at læse|dla (?:prenumeratorów|subskrybentów)|"
    r"czytaj dalej z|pozostało (?:jeszcze )?\d+% (?:artykułu|tekstu)|dostęp do (?:pełnej|całej) treści|"
    r"только для подписчиков|оформите подписку|доступно по подписке|чтобы (?:дочитать|читать дальше)|"
    r"лише для передплатників|sadece aboneler|devamını okumak için|"
    r"订阅后(?:继续)?阅读|(?:订阅|訂閱)(?:以|即可)|會員專屬(?:內容|文章)|登入後(?:繼續)?閱讀|付费(?:阅读|内容)|"
    r"有料会員(?:限定|に)|この記事は会員限定|続きを読むには|残り\s?\d[\d,]*\s?文字|"
    r"구독자 전용|유료 (?:회원|구독)",
    re.IGNORECASE,
)
"""What a wall says."""


def is_stub(text: str, words: int, blocks: Sequence[Block], claims: Structured) -> bool:
    """Whether a text of so many words is a stub. `blocks` are the page's.

    Under 100 words it is one where the page is not free, or says so anywhere. Up to 300 two signs have to be there, up
    to 600 three; and never is it one where the page has in it what it says is not free.
    """
    if words < STUB_WORDS:
        return claims.free is False or any(WALL.search(block.text) for block in blocks)
    if words >= MOST_WORDS or (claims.paid_words or 0) > words / 2:
        return False
    return sum(signs(text, words, blocks, claims)) >= (2 if words < TWO_SIGNS_WORDS else 3)


def signs(text: str, words: int, blocks: Sequence[Block], claims: Structured) -> tuple[bool, bool, bool, bool]:
    """Not free; a wall after it; cut at its end; shorter by far than stated."""
    stated = claims.word_count or 0
    return (
        claims.free is False,
        _walled(text, blocks),
        any(CUT.search(each[-END_CHARS:]) for each in (text, claims.body or "")),
        STATED * words < stated < MOST_STATED * words,
    )


def _walled(text: str, blocks: Sequence[Block]) -> bool:
    last = text.rpartition("\n")[2][-END_CHARS:]
    ends = [at for at, block in enumerate(blocks) if last and block.text[-END_CHARS:] == last]
    after = blocks[ends[-1] + 1 : ends[-1] + 1 + NEAR_BLOCKS] if ends else ()
    return any(WALL.search(block.text) for block in after)
