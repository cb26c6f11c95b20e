"""The AMP twin of a page whose own text is a stub: asked for once, under the host's manners, and archived."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mediawatch import stages
from mediawatch.models import Location
from mediawatch.settings import Settings
from mediawatch.stages.forget import forget, plan
from mediawatch.store.database import Database
from mediawatch.web import archive, archive_files
from small_site import HOME, SmallSite, serving
from waiting import announce

STORY = [f"The council of town {n} met on Tuesday and heard report number {n} about its old piers." for n in range(12)]
HEAD = """<title>A second bridge</title><script type="application/ld+json">
{{"@type": "NewsArticle", "headline": "{title}", "isAccessibleForFree": false}}</script>"""
WALL = "<div><p>Subscribe to continue reading</p></div>"


def page(title: str, paragraphs: list[str], link: str = "", after: str = "") -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = HEAD.format(title=title) + (f'<link rel="amphtml" href="{link}">' if link else "")
    body = f"<article><h1>{title}</h1>{text}</article>{after}"
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


STUB = page("A second bridge", STORY[:1], "/amp/bridge", WALL)
WHOLE = page("A second bridge", STORY)


def read(db: Database, settings: Settings, site: SmallSite) -> dict[str, int]:
    """Fetch and extract the site's page /bridge."""
    there = replace(settings, hosts=site.hosts)
    announce(db, f"{HOME}/bridge")
    (batch,) = stages.claim.claim(db, there, "test")
    stages.run("fetch", db, there, batch, "test")
    return stages.run("extract", db, there, batch, "test")


def test_the_twin_gives_the_text_that_the_page_keeps_back(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages |= {"/bridge": STUB, "/amp/bridge": WHOLE}
        assert read(db, settings, site)["ok"] == 1
        assert site.asked == ["/robots.txt", "/bridge", "/amp/bridge"]
    (article,) = db.execute("select url, title, text, engine from article")
    assert (article.url, article.title) == (f"{HOME}/bridge", "A second bridge")
    assert article.text == "\n\n".join(STORY)
    assert article.engine.startswith("amp, ")
    (outcome,) = db.execute("select status, detail from outcome where stage = 'extract'")
    assert tuple(outcome) == ("ok", f"text of {HOME}/amp/bridge")

    # read again from the archive, without the site, it is the same
    db.execute("update entry set stage = 'extract', article_id = null; delete from article")
    batch = db.execute("select max(batch_id) from batch")[0][0]
    db.execute("update batch set state = 'open', lease_until = now()")
    stages.run("extract", db, settings, batch, "test")
    assert db.execute("select url, title, text, engine from article") == [article]
    (twin,) = db.execute("select warc_file from page_twin")
    db.execute("update archive_file set begun_at = begun_at - interval '9 days'")
    assert twin.warc_file not in {row.file for row in db.rows("maintenance.orphans", before=db.now())}
    assert archive_files.remove(settings.archive_root, twin.warc_file)


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        ({"/bridge": STUB, "/amp/bridge": 404}, ["/amp/bridge"]),
        ({"/bridge": STUB, "/amp/bridge": STUB}, ["/amp/bridge"]),
        ({"/bridge": STUB, "/amp/bridge": page("Quite another thing", STORY[3:])}, ["/amp/bridge"]),
        ({"/bridge": STUB, "/amp/bridge": WHOLE, "/robots.txt": b"User-agent: *\nDisallow: /amp"}, []),
        ({"/bridge": STUB.replace(b"/amp/bridge", b"http://other.example/amp")}, []),
    ],
)
def test_without_a_fuller_twin_the_stub_is_a_paywall(
    pages: dict[str, bytes | int | tuple[str, str]], asked: list[str], db: Database, settings: Settings
) -> None:
    with serving() as site:
        site.pages |= pages
        assert read(db, settings, site)["paywall"] == 1
        assert site.asked == ["/robots.txt", "/bridge", *asked]


def test_a_page_that_has_its_text_and_one_that_was_fetched_long_ago_ask_for_no_twin(
    db: Database, settings: Settings
) -> None:
    with serving() as site:
        site.pages |= {"/bridge": WHOLE.replace(b"</head>", b"<link rel=amphtml href=/amp/bridge></head>")}
        assert read(db, settings, site)["ok"] == 1
        site.pages |= {"/old": STUB}
        there = replace(settings, hosts=site.hosts)
        announce(db, f"{HOME}/old")
        batch = stages.claim.claim(db, there, "test")[-1]
        stages.run("fetch", db, there, batch, "test")
        db.execute("update page set fetched_at = fetched_at - interval '2 days'")
        assert stages.run("extract", db, there, batch, "test")["paywall"] == 1
        assert "/amp/bridge" not in site.asked


def test_a_twin_is_forgotten_with_its_page_and_moves_with_its_file(db: Database, settings: Settings) -> None:
    with serving() as site:
        other = "The harbour office counted seven herons on the breakwater this week, more than ever."
        site.pages |= {
            "/bridge": STUB,
            "/amp/bridge": page("A second bridge", [*STORY, "Zanzibar"]),
            "/heron": page("Herons", [other], "/amp/heron", WALL),
            "/amp/heron": page("Herons", [other, *STORY[::-1]]),
        }
        announce(db, f"{HOME}/heron")
        assert read(db, settings, site)["ok"] == 2
    held = [b"Zanzibar"]
    assert len(archive_files.holding(settings.archive_root, held)) == 1
    forget(db, settings, plan(db, f"{HOME}/bridge"), "the court")
    assert archive_files.holding(settings.archive_root, held) == []
    (twin,) = db.execute("select url, warc_file, warc_offset, warc_length from page_twin")
    assert twin.url == f"{HOME}/amp/heron"
    body = archive.read(settings.archive_root, Location(twin.warc_file, twin.warc_offset, twin.warc_length)).body
    assert other.encode() in body
