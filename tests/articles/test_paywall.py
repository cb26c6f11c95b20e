"""What pages show before their paywalls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from mediawatch.articles.extract import extract
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Rejected

Make = Callable[..., ExtractTask]
GATE = "<div><h2>Subscribe to continue reading</h2></div>"


def _closed(*more: str) -> str:
    facts = ", ".join(('"@type": "NewsArticle"', '"isAccessibleForFree": "False"', *more))
    return f'<script type="application/ld+json">{{{facts}}}</script>'


def _part(selector: str) -> str:
    return f'"hasPart": {{"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": "{selector}"}}'


def _long(story: tuple[str, ...], times: int) -> tuple[str, ...]:
    """Paragraphs of about 75 words for each time, none like another."""
    return tuple(f"{paragraph} So it went in year {n}." for n in range(times) for paragraph in story)


def _is_stub(task: ExtractTask) -> bool:
    result = extract(task)
    assert isinstance(result, (Extracted, Rejected))
    return isinstance(result, Failure) and result.reason is Reason.PAYWALL


@pytest.mark.parametrize(("head", "after"), [(_closed(), ""), ("", GATE)])
def test_one_sign_makes_no_stub_of_a_text_of_150_words(
    head: str, after: str, page_task: Make, story: tuple[str, ...]
) -> None:
    assert not _is_stub(page_task(_long(story, 2), head=head, after=after))


@pytest.mark.parametrize(
    "wall",
    [
        "Subscribe to continue reading",
        "This article is for subscribers only.",
        "Jetzt weiterlesen mit dem Monatsabo",
        "Il vous reste 70% de cet article à lire. La suite est réservée aux abonnés.",
        "Contenido exclusivo para suscriptores. Suscríbete para seguir leyendo.",
        "Conteúdo exclusivo para assinantes",
        "Contenuto riservato agli abbonati",
        "Pozostało jeszcze 60% artykułu",
        "Продолжение доступно по подписке",
        "この記事は会員限定です。続きを読むには登録が必要です",
        "订阅后继续阅读全文",
    ],
)
def test_a_wall_straight_after_the_text_of_a_page_that_is_not_free_makes_it_a_stub(
    wall: str, page_task: Make, story: tuple[str, ...]
) -> None:
    text = _long(story, 2)
    assert _is_stub(page_task(text, head=_closed(), after=f"<div><h3>{wall}</h3></div>"))
    elsewhere = f"<header><p>{wall}</p></header>"
    assert not _is_stub(page_task(text, head=_closed(), before=elsewhere))


def test_a_text_that_ends_within_a_sentence_before_a_wall_is_a_stub(page_task: Make, story: tuple[str, ...]) -> None:
    text = (*_long(story, 2), "The mayor, who had come late and had not heard the first speakers, said that…")
    assert _is_stub(page_task(text, after=GATE))
    assert not _is_stub(page_task(text))


def test_a_text_far_below_the_stated_number_of_words_is_a_stub_where_that_number_can_be(
    page_task: Make, story: tuple[str, ...]
) -> None:
    text = _long(story, 2)
    assert _is_stub(page_task(text, head=_closed('"wordCount": "900"')))
    assert not _is_stub(page_task(text, head=_closed('"wordCount": 180')))
    assert not _is_stub(page_task(text, head=_closed('"wordCount": 90000')))
    assert not _is_stub(page_task(text, head=_closed('"wordCount": "many"')))


def test_what_is_not_free_and_is_there_all_the_same_is_no_stub(page_task: Make, story: tuple[str, ...]) -> None:
    text = _long(story, 2)
    inside = page_task(text, head=_closed(_part("article > .paid")), after=GATE)
    inside = replace(inside, body=inside.body.replace(b"<article>", b'<article class="x paid y">'))
    assert not _is_stub(inside)
    assert _is_stub(page_task(text, head=_closed(_part(".paid")), after=GATE))


def test_a_longer_text_takes_three_signs_and_a_long_one_is_none(page_task: Make, story: tuple[str, ...]) -> None:
    assert not _is_stub(page_task(_long(story, 5), head=_closed(), after=GATE))
    assert _is_stub(page_task(_long(story, 5), head=_closed('"wordCount": 2000'), after=GATE))
    assert not _is_stub(page_task(_long(story, 9), head=_closed('"wordCount": 3000'), after=GATE))
