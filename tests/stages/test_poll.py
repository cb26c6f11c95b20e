"""Polling: one bad feed keeps no other back, and what is announced again writes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mediawatch import stages
from mediawatch.credentials import from_environment
from mediawatch.errors import MediawatchError, OfflineError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import set_credential, subscribe
from mediawatch.stages.visit import host_of
from mediawatch.store.database import Database
from small_site import HOME, rss, serving

FEED = "http://northwire.example/rss/world.rss"


def poll(db: Database, settings: Settings) -> dict[str, int]:
    (shard,) = stages.poll.claim_feeds(db, settings, "test")
    return stages.poll.poll(db, settings, shard)


@pytest.mark.parametrize("harm", ["url = 'http://[bad/feed'", "etag = E'\\x01'", "last_modified = E'a\\nb: c'"])
def test_a_feed_that_cannot_be_asked_keeps_no_other_back(harm: str, db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED), Subscription(url="http://citycourier.example/rss.xml", source="Harmed")])
    db.execute(f"update feed set {harm} where source_id = (select source_id from source where name = 'Harmed')")
    counts = poll(db, settings)
    assert counts["feeds"] == 2
    assert counts["new"] >= 1
    assert db.execute("select count(distinct feed_id) from feed_poll")[0][0] == 2


def test_what_is_no_url_is_not_subscribed_to(db: Database) -> None:
    with pytest.raises(MediawatchError, match="not an http"):
        subscribe(db, [Subscription(url=FEED), Subscription(url="http://[bad/feed", source="Bad")])
    assert db.execute("select count(*) from feed")[0][0] == 0


def test_two_spellings_of_a_feed_are_one_subscription(db: Database) -> None:
    spellings = (FEED, f" {FEED}", "HTTP://NorthWire.example:80/rss/world.rss")
    added, known = subscribe(db, [Subscription(url=url) for url in spellings])
    assert (len(added), len(known)) == (1, 2)


def test_a_claim_that_was_interrupted_finds_its_feeds_again(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED)])
    assert stages.poll.claim_feeds(db, settings, "run") == ["run/0"]
    assert stages.poll.claim_feeds(db, settings, "another run") == []
    assert stages.poll.claim_feeds(db, settings, "run") == ["run/0"]


def test_an_unchanged_feed_is_asked_with_its_validators_and_writes_no_entry(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=FEED)])
    first = poll(db, settings)
    before = db.execute("select * from entry order by entry_id")
    db.execute("update feed set next_poll_at = now()")
    again = poll(db, settings)
    assert first["entries_new"] > 0
    assert (again["not_modified"], again["entries_new"]) == (1, 0)
    assert db.execute("select * from entry order by entry_id") == before


def subscribed(db: Database, *urls: str) -> None:
    subscribe(db, [Subscription(url=url) for url in urls])


@pytest.mark.parametrize(("shard", "of_many"), [(6, 2), (100, 4)])
def test_hosts_take_turns_and_a_shard_takes_no_more_of_one_than_it_can_ask(
    shard: int, of_many: int, db: Database, settings: Settings
) -> None:
    spaced = replace(settings, host_spacing_s=10, fetch_budget_s=40, poll_shard_feeds=shard)
    subscribed(db, *(f"http://many.example/{number}" for number in range(20)))
    subscribed(db, *(f"http://few{number}.example/" for number in range(4)))
    assert stages.poll.claim_feeds(db, spaced, "one") == ["one/0"]
    leased = db.execute("select host, count(*) from feed where lease_owner = 'one/0' group by 1")
    assert dict(map(tuple, leased)) == {"many.example": of_many} | {f"few{number}.example": 1 for number in range(4)}


def test_what_the_time_does_not_suffice_for_stays_due(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages |= {f"/{number}": rss("1") for number in range(3)}
        hurried = replace(settings, hosts=site.hosts, host_spacing_s=2, fetch_budget_s=1)
        subscribed(db, *(f"{HOME}/{number}" for number in range(3)))
        (shard,) = stages.poll.claim_feeds(db, replace(hurried, fetch_budget_s=60), "test")
        counts = stages.poll.poll(db, hurried, shard)
        assert counts == {"feeds": 3, "released": 2, "new": 1, "entries": 1, "entries_new": 1}
    assert db.execute("select count(*) from feed where next_poll_at <= now() and lease_owner is null")[0][0] == 2


@pytest.mark.parametrize(
    "url", ["http://A.example/x", "https://a.example:8080?x=a@b", "http://[2001:db8::1]:80/", "http://[bad/feed"]
)
def test_the_database_and_the_program_mean_the_same_host(url: str, db: Database) -> None:
    subscribed(db, "http://first.example/")
    db.execute("update feed set url = %(url)s", {"url": url})
    assert db.execute("select host from feed")[0].host in (host_of(url), "bad")


def test_feeds_of_a_host_that_is_down_are_given_back_and_held(
    db: Database, settings: Settings, closed_port: int
) -> None:
    down = replace(settings, hosts=f"dead.example=127.0.0.1:{closed_port}", host_concurrency=1, retry_base_s=60)
    subscribed(db, *(f"http://dead.example/{number}" for number in range(10)))
    counts = poll(db, down)
    assert (counts["feeds"], counts["failed"], counts["released"]) == (10, 3, 7)
    db.execute("update feed set next_poll_at = now()")
    assert stages.poll.claim_feeds(db, down, "later", force=True) == []
    db.execute("update host set hold_until = now()")
    assert (
        len(db.rows("feeds.claim_due", owner="x", limit=99, per_host=99, exclusive=False, lease_s=9, force=False)) == 10
    )


def test_a_host_that_wants_us_to_wait_is_not_polled_for_any_of_its_feeds(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages |= {"/a": 429, "/b": rss("1")}
        site.headers["Retry-After"] = "600"
        there = replace(settings, hosts=site.hosts, host_concurrency=1)
        subscribed(db, f"{HOME}/a")
        assert poll(db, there)["failed"] == 1
        subscribed(db, f"{HOME}/b")
        assert stages.poll.claim_feeds(db, there, "later") == []
        assert site.asked == ["/a"]


def test_items_that_share_an_address_are_one_entry_and_the_poll_says_so(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages["/a"] = rss("1", "2", "2?utm_source=rss", "2#top")
        subscribed(db, f"{HOME}/a")
        counts = poll(db, replace(settings, hosts=site.hosts))
    assert (counts["entries"], counts["entries_new"]) == (4, 2)
    (row,) = db.execute("select detail from feed_poll")
    assert row.detail == "2 items are the same entry as another one"


def test_a_feed_is_asked_with_the_secret_that_it_names(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as site:
        site.pages |= {"/a": rss("1"), "/b": rss("2"), "/c": rss("3")}
        subscribed(db, f"{HOME}/a", f"{HOME}/b", f"{HOME}/c")
        set_credential(db, [f"{HOME}/a"], "desk-a")
        set_credential(db, [f"{HOME}/b"], "nowhere")
        monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_DESK_A", "me:hunter2")
        counts = poll(db, replace(settings, hosts=site.hosts))
        assert (counts["new"], counts["failed"]) == (2, 1)
        assert dict(zip(site.asked, site.authorizations, strict=True)) == {"/a": "Basic bWU6aHVudGVyMg==", "/c": None}
    (failed,) = db.execute("select reason, detail from feed_poll where result = 'failed'")
    assert (failed.reason, failed.detail) == (
        "no_credential",
        "there is no credential 'nowhere': set MEDIAWATCH_CREDENTIAL_NOWHERE",
    )
    assert "hunter2" not in str(
        db.execute("select feed::text, feed_poll::text from feed join feed_poll using (feed_id)")
    )


@pytest.mark.parametrize(
    ("secret", "sent"),
    [("me:pw", "Basic bWU6cHc="), ("abc", "Bearer abc"), ("Token x:y", "Token x:y"), ("me:a b", "Basic bWU6YSBi")],
)
def test_a_secret_is_a_password_a_token_or_a_whole_header(
    secret: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_A", secret)
    assert from_environment("a") == sent


def test_an_aggregators_link_is_the_entry_of_the_page_that_it_carries(db: Database, settings: Settings) -> None:
    with serving() as site:
        wrapped = f"https://www.google.com/url?url={HOME}/1&amp;ct=ga"
        sealed = "https://news.google.com/rss/articles/CBMiBEFVX3k"
        site.pages["/a"] = rss("1")
        site.pages["/b"] = rss("1").replace(f"<link>{HOME}/1".encode(), f"<link>{wrapped}".encode())
        site.pages["/c"] = rss("1").replace(f"<link>{HOME}/1".encode(), f"<link>{sealed}".encode())
        subscribed(db, f"{HOME}/a", f"{HOME}/b", f"{HOME}/c")
        poll(db, replace(settings, hosts=site.hosts))
    entries = {row.url: row.reason for row in db.execute("select url, reason from entry")}
    assert entries == {f"{HOME}/1": None, sealed: "sealed_link"}
    spelled = {row.url for row in db.execute("select url from entry_announcement")}
    assert spelled == {f"{HOME}/1", wrapped.replace("&amp;", "&"), sealed}


def sitemap(*names: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>{HOME}/{name}</loc></url>' for name in names)}</urlset>".encode()


def test_a_sitemap_index_announces_what_its_sitemaps_list_and_is_read_again_though_it_stays_the_same(
    db: Database, settings: Settings
) -> None:
    with serving() as site:
        children = "".join(f"<sitemap><loc>{HOME}/{name}.xml</loc></sitemap>" for name in ("one", "two", "gone"))
        site.pages |= {"/index": f"<sitemapindex>{children}</sitemapindex>".encode()}
        site.pages |= {"/one.xml": sitemap("1", "2"), "/two.xml": sitemap("3")}
        subscribed(db, f"{HOME}/index")
        there = replace(settings, hosts=site.hosts)
        assert poll(db, there)["entries_new"] == 3
        site.pages["/two.xml"] = sitemap("3", "4")
        db.execute("update feed set next_poll_at = now()")
        assert poll(db, there)["entries_new"] == 1
    (last, *_) = db.execute("select detail, result from feed_poll order by poll_id desc")
    assert (last.detail, last.result) == (f"3 of 3 sitemaps were read; {HOME}/gone.xml: not_found", "new")


def test_an_outage_of_our_own_is_not_held_against_the_feeds(db: Database, settings: Settings, closed_port: int) -> None:
    names = [f"pub{number}.example" for number in range(12)]
    offline = replace(settings, hosts=",".join(f"{name}=127.0.0.1:{closed_port}" for name in names))
    subscribed(db, *(f"http://{name}/rss" for name in names))
    with pytest.raises(OfflineError, match="none of 12 hosts"):
        poll(db, offline)
    assert db.execute("select count(*) from feed where failures > 0")[0][0] == 0
    assert db.execute("select count(*) from feed_poll")[0][0] == db.execute("select count(*) from host")[0][0] == 0


def test_feeds_that_fail_beside_one_that_answers_have_failed(
    db: Database, settings: Settings, closed_port: int
) -> None:
    names = [f"pub{number}.example" for number in range(12)]
    with serving() as site:
        site.pages["/rss"] = rss("1")
        hosts = ",".join(f"{name}=127.0.0.1:{closed_port}" for name in names)
        subscribed(db, f"{HOME}/rss", *(f"http://{name}/rss" for name in names))
        counts = poll(db, replace(settings, hosts=f"{site.hosts},{hosts}"))
    assert (counts["new"], counts["failed"]) == (1, 12)
