"""Lines that a source sets around its articles are left out; a text is never left empty."""

from __future__ import annotations

from mediawatch.stories.furniture import edge_lines, without

NEWSLETTER = "Sign up for our newsletter and never miss a story"
BODY = "\n\n".join(f"Paragraph {n} tells of harbours, mills and the people in them, at some length." for n in range(20))


def never(line: str) -> bool:
    return False


def test_first_and_last_lines_could_be_furniture_and_those_between_could_not() -> None:
    lines = [f"This is line number {n} of it" for n in range(30)]
    assert list(edge_lines("\n".join(lines))) == [*lines[:3], *lines[-8:]]


def test_very_short_and_very_long_lines_could_not() -> None:
    assert edge_lines("Read more\n" + "word " * 61) == {}


def test_a_line_is_the_same_in_any_case_and_punctuation() -> None:
    (one,), (other,) = edge_lines(NEWSLETTER).values(), edge_lines(NEWSLETTER.upper() + " …").values()
    assert one == other


def test_furniture_is_left_out() -> None:
    text = f"{NEWSLETTER}\n\n{BODY}"
    edge = edge_lines(text)
    assert NEWSLETTER not in without(text, edge, {edge[NEWSLETTER]}, never)
    assert without(text, edge, set(), never) == text


def test_agency_lines_are_left_out_wherever_they_stand() -> None:
    text = f"{BODY}\n\nAP contributed.\n\n{BODY}"
    assert "AP contributed" not in without(text, edge_lines(text), set(), lambda line: line == "AP contributed.")


def test_a_text_of_furniture_alone_is_kept_whole() -> None:
    edge = edge_lines(NEWSLETTER)
    assert without(NEWSLETTER, edge, set(edge.values()), never) == NEWSLETTER
