"""Which of a page's lines are the article's."""

from __future__ import annotations

import pytest
from mediawatch.articles import body
from mediawatch.articles.blocks import read
from mediawatch.articles.body import Body
from mediawatch.articles.boilerplate import is_box
from mediawatch.articles.tree import parse

LEAD = "The council voted on Tuesday evening to build a second bridge over the river, eleven years after it was asked."
SECOND = "Work will begin in May and last until the autumn of next year, said Ada Lindqvist, who leads the committee."
THIRD = "The old bridge stays open to bicycles, because its arches carry nothing heavier than a milk cart these days."
OTHER = "A ferry with forty passengers ran aground on a sandbank near the harbour on Monday and waited for the tide."


def _body(markup: str, title: str = "A second bridge") -> Body:
    tree = parse(f"<html><body>{markup}</body></html>")
    assert tree is not None
    root = tree.find("body")
    assert root is not None
    return body.find(read(root), (title,))


def _lines(markup: str, title: str = "A second bridge") -> list[str]:
    return [block.text for block in _body(markup, title).blocks]


def _p(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_lists_quotes_and_subheadings_stay_where_they_stand() -> None:
    markup = (
        f"<article><h1>A second bridge</h1>{_p(LEAD)}<h2>What it costs</h2><ul><li>Nine million for stone</li>"
        f"<li>Two for lamps</li></ul><blockquote>Too much</blockquote>{_p(SECOND)}</article>"
    )
    wanted = [LEAD, "What it costs", "Nine million for stone", "Two for lamps", "Too much", SECOND]
    assert _lines(markup) == wanted


def test_a_list_that_ends_the_article_is_kept_and_a_list_of_links_is_not() -> None:
    tail = "<ul><li>Stone: nine million</li><li>Lamps: two</li></ul>"
    links = "<ul><li><a href=/1>Ferry aground near the harbour</a></li><li><a href=/2>Choir sings</a> again</li></ul>"
    assert _lines(f"<article>{_p(LEAD, SECOND)}{tail}</article>") == [LEAD, SECOND, "Stone: nine million", "Lamps: two"]
    assert _lines(f"<article>{_p(LEAD, SECOND)}{links}</article>") == [LEAD, SECOND]


def test_a_row_of_a_table_is_one_line() -> None:
    table = "<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2011</td><td>7</td></tr></table>"
    assert _lines(f"<article>{_p(LEAD)}{table}{_p(SECOND)}</article>") == [LEAD, "Year | Cost", "2011 | 7", SECOND]


@pytest.mark.parametrize(
    "noise",
    [
        "<figure><img><figcaption>The old bridge on a long and foggy day in March. Photo: Bo Ek</figcaption></figure>",
        f"<div class=image-caption><p>{OTHER}</p></div>",
        f"<aside><p>{OTHER}</p></aside>",
        f"<div class='m_related_stories'><p>{OTHER}</p></div>",
        f"<div class=author_bio><p>{OTHER}</p></div>",
        f"<div style='display: none'><p>{OTHER}</p></div>",
        f"<p>Read more: <a href=/x>{OTHER}</a></p>",
        f"<p><a href=/x>{OTHER}</a></p>",
        "<p>Lesen Sie auch: Fähre läuft im Nebel auf Grund</p>",
        "<p>Foto: Bo Ek / Example Images</p>",
        "<p>We use cookies to make this site better for you and for the people who pay for the banners on it.</p>",
        "<div><span>Share</span></div>",
        "<div class=byline>By Ada Lindqvist, who writes on rivers</div>",
        "<h3>More stories you may want to see</h3><div class=teaser><p>A teaser of something else entirely.</p></div>",
    ],
)
def test_what_is_not_the_article_is_left_out(noise: str) -> None:
    assert _lines(f"<article><h1>A second bridge</h1>{_p(LEAD)}{noise}{_p(SECOND, THIRD)}</article>") == [
        LEAD,
        SECOND,
        THIRD,
    ]


def test_a_box_that_holds_most_of_the_prose_is_no_box() -> None:
    assert _lines(f"<div class=promo-page>{_p(LEAD, SECOND, THIRD)}</div>") == [LEAD, SECOND, THIRD]


def test_text_in_a_nav_stays_out_even_where_it_is_most_of_the_prose() -> None:
    assert _lines(f"<nav>{_p(OTHER, OTHER + ' Again.')}</nav><div>{_p(LEAD, SECOND)}</div>") == [LEAD, SECOND]


def test_the_next_article_on_the_page_is_not_this_one() -> None:
    ours = f"<article><h1>A second bridge</h1>{_p(LEAD, SECOND)}</article>"
    theirs = f"<article><h1>Ferry aground</h1>{_p(OTHER, *(f'{OTHER} Part {n}.' for n in range(9)))}</article>"
    assert _lines(ours + theirs) == [LEAD, SECOND]


def test_paragraphs_in_several_containers_of_one_kind_are_all_taken() -> None:
    parts = "".join(f"<div class='part wide{n}'>{_p(text)}</div>" for n, text in enumerate((LEAD, SECOND, THIRD)))
    assert _lines(f"<main>{parts}</main>") == [LEAD, SECOND, THIRD]


def test_a_standfirst_before_the_body_is_taken() -> None:
    markup = f"<h1>A second bridge</h1><p class=standfirst>{THIRD}</p><div class=article-body>{_p(LEAD, SECOND)}</div>"
    assert _lines(markup) == [THIRD, LEAD, SECOND]


def test_lines_that_repeat_are_kept_once_and_the_title_never() -> None:
    markup = f"<article><h2>A second bridge</h2>{_p(LEAD, SECOND)}<blockquote>{LEAD}</blockquote>{_p(THIRD)}</article>"
    assert _lines(markup) == [LEAD, SECOND, THIRD]


def test_line_breaks_end_lines_and_inline_markup_does_not() -> None:
    markup = f"<div>{LEAD[:30]}<b>{LEAD[30:60]}</b>{LEAD[60:]}<br><br>{SECOND}</div>"
    assert _lines(markup) == [LEAD, SECOND]


def test_coverage_tells_how_much_of_the_prose_was_taken_where_the_article_may_stand() -> None:
    assert _body(f"<article>{_p(LEAD, SECOND)}</article>").coverage == 1.0
    assert _body("<p>Short.</p>").blocks == ()
    beside = _body(f"<div class=article-body>{_p(LEAD, SECOND)}</div><div>{_p(OTHER)}</div>")
    assert 0.6 < beside.coverage < 0.75
    assert not beside.headed
    ours = f"<article><h1>A second bridge</h1>{_p(LEAD, SECOND)}</article>"
    before_another = _body(ours + f"<article><h1>Ferry</h1>{_p(OTHER, OTHER + ' And again.')}</article>")
    assert (before_another.coverage, before_another.headed) == (1.0, True)


def test_paragraphs_that_each_have_a_boxs_name_are_the_article() -> None:
    parts = "".join(f"<div class='text share-anchor'>{_p(text)}</div>" for text in (LEAD, SECOND, THIRD, OTHER))
    assert _lines(f"<article>{parts}</article>") == [LEAD, SECOND, THIRD, OTHER]


def test_a_long_text_beside_a_picture_is_no_caption() -> None:
    long = " ".join(f"{SECOND} Stage {n}." for n in range(7))
    assert _lines(f"<article>{_p(LEAD * 9)}<div class=text-image>{_p(long)}</div></article>")[-1] == long


def test_a_tag_that_an_article_has_in_its_class_is_no_boxs_name() -> None:
    assert is_box("widget newsletter")
    assert not is_box("post hentry tag-newsletter category-advertising")


def test_comments_are_left_out_even_where_they_are_most_of_the_page() -> None:
    comments = "".join(f"<div class=comment>{_p(f'{OTHER} Reader {n}.')}</div>" for n in range(20))
    assert _lines(f"<article>{_p(LEAD, SECOND)}</article><section>{comments}</section>") == [LEAD, SECOND]


STORY = (LEAD, SECOND, THIRD, *(f"{text} Stage {n} is next." for n in range(2) for text in (LEAD, SECOND, THIRD)))


def test_lines_at_another_depth_than_the_paragraphs_are_something_else() -> None:
    deeper = f"<div><div><p>{OTHER}</p></div></div>"
    assert _lines(f"<article>{_p(LEAD)}{deeper}{_p(*STORY[1:])}</article>") == list(STORY)


def test_paragraphs_at_two_depths_are_both_the_article() -> None:
    deeper = "".join(f"<div><p>{text}</p></div>" for text in (SECOND, THIRD))
    assert _lines(f"<article>{_p(LEAD)}{deeper}</article>") == [LEAD, SECOND, THIRD]


def test_a_label_after_the_last_paragraph_ends_the_article() -> None:
    tail = f"<div><h3>Related articles</h3></div><ul><li>{OTHER}</li><li>{OTHER} Again.</li></ul>"
    assert _lines(f"<article>{_p(*STORY)}{tail}</article>") == list(STORY)


@pytest.mark.parametrize(
    "line",
    [
        "Zum Thema Brücken sagte sie am Abend vor dem Rathaus nichts mehr.",
        "Anzeige gegen den Bauherrn erstattete niemand, sagte der Sprecher.",
        "Das könnte teuer werden, warnte der Kämmerer in der Sitzung.",
        "Recommended by nobody, the plan found its way into the budget.",
        "Sponsored by the council, the bill passed without a debate.",
        "More on Tuesday than on any other day people cross the river.",
        "Subscribers to the old plan were not pleased with the new one.",
    ],
)
def test_a_sentence_that_begins_like_a_label_stays(line: str) -> None:
    assert _lines(f"<article>{_p(LEAD, line, SECOND)}</article>") == [LEAD, line, SECOND]


def test_a_heading_in_a_list_at_the_end_does_not_begin_the_article() -> None:
    comments = "".join(f"<div><p>{OTHER} Reader {n}.</p></div>" for n in range(3))
    story = _p(*(f"{text} Stage {n}." for n in range(6) for text in STORY[:3]))
    markup = f"<main>{story}</main><div><h3>A second bridge</h3>{comments}</div>"
    assert _lines(markup)[0] == f"{LEAD} Stage 0."
