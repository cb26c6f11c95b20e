"""docs/tutorial.md in a real browser: `python bench/tutorial.py`, when `make up` has loaded its articles.

Does what the page says, with the topic that it prints, tells what it saw at each step, and takes the page's pictures.
It leaves the topic behind: once a database.
"""

from __future__ import annotations

import re
import sys
import time

from mediawatch.local import airflow, database
from mediawatch.settings import PROJECT, Settings
from playwright.sync_api import FrameLocator, Page, expect, sync_playwright
from screenshots import SCREENS, browser_page, log_in, picture

PATIENCE_MS = 30_000
TAGGED_WITHIN_S = 300


def main() -> None:
    """Every step, in order."""
    settings = database.start(Settings.from_env())
    running = airflow.running(settings) or sys.exit("start it with `make up`")
    told = (PROJECT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    topic = re.findall(r"```yaml\n(.*?)```", told, re.DOTALL)[0]
    query = re.findall(r"^    (harbour .*)$", told, re.MULTILINE)[0]
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, browser_page(playwright) as page:
        log_in(page, running)
        page.get_by_role("link", name="Desk", exact=True).click()
        frame = page.frame_locator("iframe")
        search(frame, query)
        draft(page, frame, topic)
        activate(page, frame)


def search(frame: FrameLocator, query: str) -> None:
    """See what there is."""
    frame.get_by_role("link", name="Search", exact=True).click()
    frame.get_by_label("Words").fill(query)
    frame.get_by_role("button", name="Search", exact=True).click()
    say("search", frame.locator(".found").inner_text())


def draft(page: Page, frame: FrameLocator, topic: str) -> None:
    """Begin a draft, make a mistake, mend it, see what it would do, and save it."""
    frame.get_by_role("link", name="Topics", exact=True).click()
    frame.get_by_label("Id of a new topic").fill("ports")
    frame.get_by_role("button", name="New topic").click()
    preview(frame, "non".join(topic.rsplit("none", 1)))
    say("error", frame.get_by_role("alert").inner_text())
    picture(page, SCREENS / "tutorial-error.png")
    preview(frame, topic)
    expect(frame.get_by_role("heading", name="Would be added")).to_be_visible()
    say("preview", changed(frame))
    picture(page, SCREENS / "tutorial-preview.png")
    preview(frame, topic.replace("tagged: 2", "tagged: 3"))
    say("preview with tagged: 3", changed(frame))
    preview(frame, topic)
    frame.get_by_label("Why it changes").fill("the port desk asked")
    frame.get_by_role("button", name="Save as a version").click()
    expect(frame.get_by_role("status")).to_contain_text("Saved")
    say("saved", frame.get_by_role("status").inner_text())


def preview(frame: FrameLocator, topic: str) -> None:
    """Send a draft, and wait for the page that answers it."""
    frame.get_by_label("The topic file").fill(topic)
    with frame.owner.page.expect_event("framenavigated") as moved:
        frame.get_by_role("button", name="Preview").click()
    moved.value.wait_for_load_state()


def changed(frame: FrameLocator) -> str:
    """What a preview counts and lists."""
    tiles = [" ".join(each.split()) for each in frame.locator(".tile").all_inner_texts()]
    listed = [" ".join(each.split()) for each in frame.locator("#change ~ .plain li").all_inner_texts()]
    return "\n".join([*tiles, *listed])


def activate(page: Page, frame: FrameLocator) -> None:
    """Make it tag, trigger the DAG as a person does, and come back to see the tags."""
    frame.get_by_label("I have seen what changes").check()
    frame.get_by_role("button", name="Activate version 1").click()
    expect(frame.get_by_role("status")).to_contain_text("asked for by")
    say("activated", frame.get_by_role("status").inner_text())
    frame.get_by_role("link", name="retag_articles").click()
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    began = time.monotonic()
    while time.monotonic() - began < TAGGED_WITHIN_S:
        page.get_by_role("link", name="Desk", exact=True).click()
        frame.get_by_role("link", name="Topics", exact=True).click()
        frame.get_by_role("link", name="Ports", exact=True).click()
        expect(frame.get_by_role("heading", name="Ports", exact=True)).to_be_visible()
        if not frame.get_by_role("status").count():
            break
        page.wait_for_timeout(5_000)
    say("tagged", f"{frame.locator('.results li').count()} articles on the first page")
    picture(page, SCREENS / "tutorial-topic.png")


def say(step: str, seen: str) -> None:
    """What a reader would compare with the page."""
    print(f"== {step}\n{seen}", flush=True)


if __name__ == "__main__":
    main()
