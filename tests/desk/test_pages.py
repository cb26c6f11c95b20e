"""What the pages of an operator show, over the sample corpus."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from desk_pages import addresses, shown
from desk_pages import text as said
from mediawatch.errors import Reason
from mediawatch.store.batches import Task, worked_on
from mediawatch.store.database import Database
from starlette.testclient import TestClient


@pytest.fixture
def database_url(corpus_database: str) -> str:
    return corpus_database


def text_of(reader: TestClient, path: str) -> str:
    answer = reader.get(f"/mediawatch/{path}")
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def test_every_page_answers(reader: TestClient, db: Database) -> None:
    for name, path in addresses(db).items():
        answer = reader.get(path)
        assert answer.status_code == 200, (name, answer.text)
        assert answer.text.count("<h1") == 1, name


def test_the_overview_counts_what_came_in_and_names_why_the_rest_did_not(reader: TestClient) -> None:
    text = text_of(reader, "")
    assert "<strong>126</strong>" in text  # what the corpus's feeds announce
    assert 'href="/mediawatch/outcomes?reason=same_page"' in text
    assert "no usual value yet" in text  # a database of one day knows no usual value
    assert "<title>" in text.split("<figure")[1]  # bars say their value when they are pointed at


def test_the_reasons_of_the_overview_add_up(reader: TestClient, db: Database) -> None:
    page = shown(reader, "/mediawatch/")
    rows = page.xpath("//*[@aria-label='Reasons']//tbody/tr")
    (dropped,) = db.execute(
        "select count(*) as entries, count(distinct reason) as reasons from entry where reason is not null"
    )
    assert sum(int(said(row.find("td"))) for row in rows) == dropped.entries
    assert said(rows[-1].find("th")) == f"{dropped.reasons - 6} more reasons"


def test_the_overview_shows_the_alerts_that_hold_with_their_reason_and_a_link(reader: TestClient, db: Database) -> None:
    assert "<h2>Alerts</h2>" not in text_of(reader, "")
    db.execute("insert into alert_rule (rule, kind, threshold, author) values ('wide', 'new_event', 3, 'test')")
    db.execute(
        "insert into alert (rule, key, title, why, path, first_at, last_at) "
        "values ('wide', '12', 'Ferry aground', 'it has 5 outlets; the rule says 3', 'events/12', now() - interval '2 hours', now())"
    )
    text = text_of(reader, "")
    assert '<a href="/mediawatch/events/12" dir="auto">Ferry aground</a>' in text
    assert "it has 5 outlets; the rule says 3" in text
    assert "since 2 h ago" in text


def test_feeds_are_filtered_by_trouble_and_by_words(reader: TestClient) -> None:
    assert "http://quirks.example/gone.rss" in text_of(reader, "feeds?show=failing")
    text = text_of(reader, "feeds?q=northwire")
    assert "http://northwire.example/rss/world.rss" in text
    assert "harborledger" not in text
    assert "No feed is like that." in text_of(reader, "feeds?q=100%25")


def test_a_list_goes_on_where_its_page_ended(reader: TestClient, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediawatch.desk.paging.SIZE", 7)
    monkeypatch.setattr("mediawatch.desk.paging.page.__defaults__", (7,))
    path, seen = "/mediawatch/feeds", []
    while path:
        text = reader.get(path).text
        seen += [part.split('"')[0] for part in text.split('href="/mediawatch/feeds/')[1:]]
        following = text.partition('rel="next" href="')[2].partition('"')[0]
        path = following.replace("&amp;", "&")
    everything = [
        str(row.feed_id)
        for row in db.execute("select feed_id from feed join source using (source_id) order by name, feed.url")
    ]
    assert seen == everything


def test_a_feed_shows_its_polls_and_what_became_of_its_entries(reader: TestClient, db: Database) -> None:
    (feed,) = db.execute("select feed_id from feed where url = 'http://quirks.example/feed.xml'")
    text = text_of(reader, f"feeds/{feed.feed_id}")
    assert "http://quirks.example/members/list.html" in text
    assert "refused" in text
    assert "first answer" in text or "new" in text


def test_an_article_shows_its_words_in_their_place_and_its_way_through_the_stages(reader: TestClient) -> None:
    text = text_of(reader, "url?url=http://meridianpost.example/world/countries-concerned-over-fentanyl-trafficking/")
    assert "<mark" in text
    assert 'title="fentanyl: ' in text
    for stage in ("announced", "fetch", "extract", "deduplicate", "tag", "load"):
        assert f"<strong>{stage}</strong>" in text
    assert "warc.gz" in text


def test_a_url_without_an_article_says_why(reader: TestClient) -> None:
    text = text_of(reader, "url?url=http://quirks.example/members/list.html")
    assert f"{Reason.REFUSED.meaning}: HTTP 403" in text
    assert "No feed has announced this address." in text_of(reader, "url?url=http://nowhere.example/")


def test_outcomes_are_listed_by_reason_and_by_source(reader: TestClient) -> None:
    assert "http://quirks.example/members/list.html" in text_of(reader, "outcomes?reason=refused")
    assert "http://quirks.example/members/list.html" in text_of(reader, "outcomes?source=quirk")
    assert "No entry is like that." in text_of(reader, "outcomes?source=northwire&reason=refused")
    assert reader.get("/mediawatch/outcomes?reason=nonsense").status_code == 404


def test_an_entry_that_led_to_an_article_of_another_leads_there(reader: TestClient, db: Database) -> None:
    twins = db.execute("select url, article_id from entry where reason = 'same_page'")
    listed = text_of(reader, "outcomes?reason=same_page")
    for twin in twins:
        link = f'<a href="/mediawatch/articles/{twin.article_id}">as entry '
        assert link in listed
        assert link in text_of(reader, f"url?url={quote(twin.url, safe='')}")
    assert len(twins) == 2


def test_a_task_of_the_grid_leads_to_its_batch_and_the_batch_to_its_run(reader: TestClient, db: Database) -> None:
    (batch,) = db.execute("select min(batch_id) as id from batch")
    task = Task("ingest_articles", "manual__2024-01-31T00:00:00+00:00", "batch.load", 0, 1)
    with worked_on(db, batch.id, "load", task) as told:
        told.update(entries=113, ok=112)
    asked = {"dag_id": task.dag_id, "run_id": task.run_id, "task_id": task.task_id, "map_index": "0"}
    answer = reader.get("/mediawatch/batches", params=asked, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/mediawatch/batches/{batch.id}")
    run = "/dags/ingest_articles/runs/manual__2024-01-31T00%3A00%3A00%2B00%3A00"
    text = text_of(reader, f"batches/{batch.id}")
    assert f'href="{run}" data-top' in text
    assert f'href="{run}/tasks/batch.load/mapped/0" data-top' in text
    whole_run = {"dag_id": task.dag_id, "run_id": task.run_id}
    assert f"Batch {batch.id}" in reader.get("/mediawatch/batches", params=whole_run).text
    other = asked | {"task_id": "announce", "map_index": "{MAP_INDEX}"}
    assert "This works on no batch." in reader.get("/mediawatch/batches", params=other).text


def test_a_task_that_fails_is_noted_without_an_end(db: Database) -> None:
    (batch,) = db.execute("select min(batch_id) as id from batch")
    with pytest.raises(RuntimeError), worked_on(db, batch.id, "fetch", Task("d", "r", "t", -1, 2)):
        raise RuntimeError
    (row,) = db.execute("select try_number, ended_at, entries from batch_task")
    assert row == (2, None, None)


@pytest.mark.parametrize(
    "path", ["feeds/0", "feeds/99999999999999999999", "articles/0", "articles/4294967296", "batches/0"]
)
def test_what_is_not_there_is_said(reader: TestClient, path: str) -> None:
    assert reader.get(f"/mediawatch/{path}").status_code == 404


def test_pages_read_and_cannot_write(reader: TestClient, desk: Callable[..., TestClient]) -> None:
    assert reader.get("/mediawatch/feeds?after=bm9uc2Vuc2U").status_code == 400
    assert reader.get("/mediawatch/feeds/x").status_code == 422
