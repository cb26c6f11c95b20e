"""Pictures of the desk's pages: `python bench/screenshots.py`, while `make up` is running, writes docs/screens/*.png.

A theme, a width in pixels and a folder may follow: `python bench/screenshots.py dark 800 /tmp/look`.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from mediawatch.local import addresses, airflow, database
from mediawatch.settings import PROJECT, Settings
from mediawatch.store.database import Database
from playwright.sync_api import Page, sync_playwright

HEIGHT = 900


def main(theme: str = "light", width: str = "1400", folder: str = str(PROJECT / "docs" / "screens")) -> None:
    """One picture of each page, in Airflow's frame."""
    settings = database.start(Settings.from_env())
    running = airflow.running(settings) or sys.exit("start it with `make up`")
    with Database(settings.database_url) as db:
        pages = addresses.pages(db, running.url)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": int(width), "height": HEIGHT}, color_scheme=theme)
        log_in(page, running)
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, address in pages:
            page.goto(address)
            page.evaluate("theme => { document.documentElement.className = theme }", theme)
            page.frame_locator("iframe").locator(f"html[data-theme={theme}] h1").wait_for()
            file = Path(folder) / (re.sub(r"^an? ", "", name.lower()) + ".png")
            page.screenshot(path=str(file))
            print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
        browser.close()


def log_in(page: Page, running: airflow.Airflow) -> None:
    """As the user that `make up` prints."""
    page.goto(running.url)
    page.fill("input[name=username]", running.user)
    page.fill("input[name=password]", running.password)
    page.click("button[type=submit]")
    page.wait_for_selector("[data-testid=nav-sidebar]")


if __name__ == "__main__":
    main(*sys.argv[1:])
