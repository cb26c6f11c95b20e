"""Every page by axe-core, in both themes, in a wide and in a narrow window."""

from __future__ import annotations

import pytest
from desk_pages import CHROMIUM, HOST, addresses, answered_by, chromium
from mediawatch.store.database import Database
from starlette.testclient import TestClient

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium (apt install chromium)")


@pytest.fixture
def database_url(corpus_database: str) -> str:
    return corpus_database


TOUCHING = """
() => [...document.querySelectorAll("svg.plot")].flatMap(plot => {
  const texts = [...plot.querySelectorAll("text")].filter(each => each.textContent && each.getBoundingClientRect().width);
  const boxes = texts.map(each => each.getBoundingClientRect()).map(({left, right, top, bottom, height}) =>
    ({left, right, top: top + height * 0.15, bottom: bottom - height * 0.15}));  // letters are lower than their line
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return boxes.flatMap((box, i) => boxes.slice(0, i).flatMap((other, j) => meet(box, other) ? [texts[j].textContent + " / " + texts[i].textContent] : []));
})
"""
"""Texts of a chart that lie upon each other."""


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 800)])
def test_axe_finds_no_serious_violation_nothing_is_wider_than_its_window_and_no_labels_touch(
    reader: TestClient, db: Database, theme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with chromium(color_scheme=theme, viewport={"width": width, "height": 900}) as page:
        answered_by(page, reader)
        for name, path in addresses(db).items():
            page.goto(HOST + path)
            assert page.evaluate("document.documentElement.dataset.theme") == theme
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(TOUCHING) == [], name
            found = Axe().run(page).response["violations"]
            serious = [
                (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
                for each in found
                if each["impact"] in ("serious", "critical")
            ]
            assert serious == [], name


def test_the_page_is_reached_by_keyboard_past_the_navigation(reader: TestClient) -> None:
    with chromium() as page:
        answered_by(page, reader)
        page.goto(f"{HOST}/mediawatch/feeds")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
