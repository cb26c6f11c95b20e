"""Which agency an article comes from, by its own words and addresses; what merely mentions an agency names none."""

from __future__ import annotations

import pytest
from mediawatch.stages.reading import agencies
from mediawatch.stories.syndication import Article

BODY = "The council met and agreed on a plan.\n\nThe vote was close."


def read(text: str = BODY, authors=(), publisher=("City Courier",), host="citycourier.example", canonical="") -> tuple:
    found = agencies().read(Article(text, authors, publisher, host, canonical or host))
    return found.agency, found.is_agency, [each.where for each in found.evidence]


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("WASHINGTON (AP) — " + BODY, "AP"),
        ("GENEVA, Jan 30 (Reuters) - " + BODY, "Reuters"),
        ("BEIJING, Jan. 30 (Xinhua) -- " + BODY, "Xinhua"),
        ("MOSCOW, January 30. /TASS/. " + BODY, "TASS"),
        ("Berlin (dpa) - " + BODY, "dpa"),
        ("Madrid, 30 ene (EFE).- " + BODY, None),
        ("Madrid, 30 ene (EFE) - " + BODY, "EFE"),
        ("Council agrees on a plan\n\nDenver (AP) – " + BODY, "AP"),
        ("新华社北京1月30日电 会谈在北京举行。", "Xinhua"),
    ],
)
def test_a_dateline_names_the_agency(text: str, agency: str | None) -> None:
    assert read(text)[0] == agency


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("Associated Press", "AP"),
        ("The Associated Press", "AP"),
        ("By Reuters", "Reuters"),
        ("Jane Roe, Associated Press", "AP"),
        ("Jane Roe (AFP)", "AFP"),
        ("Ap Smith", None),
        ("Jane Reutersward", None),
    ],
)
def test_a_byline_names_the_agency(author: str, agency: str | None) -> None:
    assert read(authors=[author])[0] == agency


@pytest.mark.parametrize(
    ("ending", "where"),
    [
        ("Source: Reuters", "credit"),
        ("(AFP)", "credit"),
        ("Quelle: dpa", "credit"),
        ("© 2024 Agence France-Presse", "copyright"),
        ("Copyright 2024 The Associated Press. All rights reserved.", "copyright"),
    ],
)
def test_a_line_at_the_end_names_the_agency(ending: str, where: str) -> None:
    agency, is_agency, found = read(BODY + "\n\n" + ending)
    assert agency is not None
    assert not is_agency
    assert where in found


def test_a_canonical_link_to_the_agency_names_it() -> None:
    assert read(canonical="www.apnews.com") == ("AP", False, ["canonical"])


@pytest.mark.parametrize("host", ["apnews.com", "www.reuters.com"])
def test_the_agency_itself_is_no_reprint(host: str) -> None:
    agency, is_agency, _ = read("GENEVA (AP) - " + BODY, host=host)
    assert is_agency
    assert agency in ("AP", "Reuters")


def test_a_publisher_with_the_agencys_name_is_the_agency() -> None:
    assert read(publisher=("Associated Press",)) == ("AP", True, ["site"])


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "The minister told Reuters on Tuesday that the plan (AP photos showed it) would pass. " + BODY,
        "Officials spoke to the Associated Press. " + BODY,
        BODY + "\n\nThe Associated Press contributed to this report.",
        "The PA system failed. " + BODY,
        "A senator speaks in 2017. Zach Roe/AFP/Getty Images\n\n" + BODY,
        BODY + "\n\nImage copyright Reuters\n\nImage caption The hall",
    ],
)
def test_a_mere_mention_names_no_agency(text: str) -> None:
    assert read(text) == (None, False, [])


def test_the_strongest_evidence_comes_first_and_all_of_it_is_kept() -> None:
    agency, _, found = read("GENEVA (AP) — " + BODY + "\n\nSource: AFP", authors=["Reuters"])
    assert (agency, found) == ("AP", ["dateline", "credit", "byline"])


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("The Associated Press contributed to this report.", True),
        ("AP writer Jane Roe contributed to this story.", True),
        ("Reporting by Jane Roe and John Doe; Editing by Ann Poe", True),
        ("© 2024 The Associated Press. All rights reserved.", True),
        ("The mayor contributed to this report on harbours.", False),
        ("Copyright law was changed by the council after a vote that took the whole night.", False),
    ],
)
def test_lines_that_go_with_agency_copy_are_known(line: str, is_one: bool) -> None:
    assert agencies().is_boilerplate(line) == is_one
