"""Pictures of the desk's pages: `python bench/screenshots.py`, while `make up` is running, writes docs/screens/*.png.

A theme, a width in pixels and a folder may follow: `python bench/screenshots.py dark 800 /tmp/look`. With pngquant
(apt install pngquant) the files are a third as large; Chinese titles need a font (apt install fonts-noto-cjk).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from mediawatch.local import addresses, airflow, database
from mediawatch.settings import PROJECT, Settings
from mediawatch.store.database import Database
from playwright.sync_api import Page, Playwright, sync_playwright

HEIGHT = 900
SCREENS = PROJECT / "docs" / "screens"
QUERIES = {"Search": {"q": 'harbour or quay or "container ship"'}}
"""What is asked of a page that shows nothing by itself."""


def main(theme: str = "light", width: str = "1400", folder: str = str(SCREENS)) -> None:
    """One picture of each page, in Airflow's frame."""
    settings = database.start(Settings.from_env())
    running = airflow.running(settings) or sys.exit("start it with `make up`")
    with Database(settings.database_url) as db:
        pages = addresses.pages(db, running.url)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, browser_page(playwright, theme, int(width)) as page:
        log_in(page, running)
        for name, address in pages:
            page.goto(f"{address}?{urlencode(QUERIES[name])}" if name in QUERIES else address)
            page.evaluate("theme => { document.documentElement.className = theme }", theme)
            page.frame_locator("iframe").locator(f"html[data-theme={theme}] h1").wait_for()
            picture(page, Path(folder) / (re.sub(r"^an? ", "", name.lower()) + ".png"))


@contextmanager
def browser_page(playwright: Playwright, theme: str = "light", width: int = 1400) -> Iterator[Page]:
    """A page of the Chromium that is installed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme=theme)
    browser.close()


def log_in(page: Page, running: airflow.Airflow) -> None:
    """As the user that `make up` prints."""
    page.goto(running.url)
    page.fill("input[name=username]", running.user)
    page.fill("input[name=password]", running.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-testid=nav-sidebar]")


def picture(page: Page, file: Path) -> None:
    """What the window shows, in a palette where pngquant is there."""
    page.screenshot(path=str(file))
    if pngquant := shutil.which("pngquant"):
        subprocess.run([pngquant, "--force", "--output", str(file), "--strip", "96", str(file)], check=True)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
