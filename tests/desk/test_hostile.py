"""Texts of people who mean harm: in every column that comes from outside, on every page, read by a parser and by Chromium."""

from __future__ import annotations

import pytest
from desk_pages import CHROMIUM, HOST, addresses, answered_by, chromium
from lxml import html
from mediawatch.store.database import Database
from starlette.testclient import TestClient

HOSTILE = "\u202e\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1><a href=javascript:window.hacked=1>x</a>{{7*7}}</textarea>"
LINK = "javascript:window.hacked=1//\"'><script>window.hacked=1</script>"
SPOIL = """
update source set name = %(text)s || source_id, homepage = %(link)s, tags = array[%(text)s];
update feed set title = %(text)s, why = %(text)s, format = %(text)s, moved_to = %(link)s, moved_since = now(), credential = %(text)s,
    url = %(link)s || feed_id where feed_id in (select min(feed_id) from feed);
update feed_poll set detail = %(text)s, reason = %(text)s;
insert into feed_change (feed_id, at, what, was, becomes, why) select feed_id, now(), 'url', %(text)s, %(text)s, %(text)s from feed;
update entry set title = %(text)s, summary = %(text)s, url = case when reason = 'refused' then %(link)s else url end;
update outcome set detail = %(text)s;
update page set url = %(link)s, hops = jsonb_build_array(jsonb_build_object('url', %(link)s::text, 'status', 301)), content_type = %(text)s, warc_file = %(text)s;
update article set title = %(text)s || title, text = %(text)s || E'\n\n' || text, authors = array[%(text)s], section = %(text)s, site_name = %(text)s,
    tags = array[%(text)s], image_url = %(link)s, url = %(link)s || article_id, language = case when article_id %% 2 = 0 then '"><' end,
    syndicated_from = %(text)s, origins = jsonb_build_object('title', %(text)s::text),
    asides = jsonb_build_array(jsonb_build_object('field', %(text)s::text, 'value', %(text)s::text, 'origin', %(text)s::text, 'reason', %(text)s::text));
update event set title = %(text)s, terms = array[%(text)s];
update story set agency = %(text)s;
update topic set title = %(text)s, definition = %(text)s;
update topic_evidence set term = %(text)s, matched = %(text)s;
update syndication set agency = %(text)s, evidence = jsonb_build_array(jsonb_build_object('where', %(text)s::text, 'words', %(text)s::text));
insert into revision (article_id, version, check_number, generation_id, found_at, seen_before_at, kind, notice, title_was, title, text_was, share_changed,
    words_added, words_removed, diff)
select article_id, 2, 0, generation_id, now(), now(), 'correction', %(text)s, %(text)s, %(text)s || '2', %(text)s, 0.5, 1, 1, %(text)s from article;
insert into article_change (article_id, at, what, detail) select article_id, now(), 'corrected', %(text)s from article;
insert into batch_task (batch_id, stage, dag_id, run_id, task_id, map_index, try_number) select batch_id, %(text)s, %(text)s, %(text)s, %(text)s, 0, 1 from batch;
update batch set lease_owner = %(text)s;
"""


@pytest.fixture
def spoiled(corpus_database: str) -> str:
    with Database(corpus_database) as db, db.transaction():
        db.execute(SPOIL, {"text": HOSTILE, "link": LINK})
    return corpus_database


@pytest.fixture
def database_url(spoiled: str) -> str:
    return spoiled


def test_no_page_holds_markup_that_is_not_its_own(reader: TestClient, db: Database) -> None:
    for name, path in addresses(db).items():
        answer = reader.get(path)
        assert answer.status_code == 200, (name, answer.text[-2000:])
        tree = html.document_fromstring(answer.text)
        scripts = [script.get("src") or script.text for script in tree.iter("script")]
        assert [script.partition("?")[0] for script in scripts] == ["/mediawatch/static/desk.js"], name
        for node in tree.iter():
            assert node.tag != "img", name
            for attribute, value in node.attrib.items():
                assert not attribute.startswith("on"), (name, attribute)
                assert attribute != "style", name
                if attribute in ("href", "src", "action", "formaction", "xlink:href"):
                    assert value.startswith(("/", "http://", "https://", "#", "data:,")), (name, attribute, value)
        assert "49" not in (tree.findtext(".//h1") or ""), name  # a template within a text stays a text


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium (apt install chromium)")
def test_nothing_of_it_runs_in_a_browser(reader: TestClient, db: Database) -> None:
    with chromium() as page:
        answered_by(page, reader)
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: broken.append(dialog.message))
        for name, path in addresses(db).items():
            page.goto(HOST + path)
            assert page.evaluate("window.hacked") is None, name
            for details in page.query_selector_all("details"):
                details.evaluate("node => node.open = true")
        assert broken == []  # nor was anything there for the policy to block
