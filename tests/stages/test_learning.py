"""What workers tell each other of hosts, at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from mediawatch.settings import Settings
from mediawatch.stages.visit import Visit
from mediawatch.store.database import Database
from mediawatch.web.client import Client

HOSTS = [f"host{number}.example" for number in range(200)]


def test_two_workers_that_tell_of_the_same_hosts_do_not_lock_each_other(db: Database, settings: Settings) -> None:
    def tell(held: list[str], answered: list[str]) -> None:
        visit = Visit(settings, Client.from_settings(settings), lambda *_: 0.0)  # type: ignore[arg-type, return-value]
        visit._holds = {host: (datetime.now(timezone.utc) + timedelta(minutes=1), "asked") for host in held}
        visit._answered = set(answered)
        with Database(settings.database_url) as own:
            for _ in range(100):
                with own.transaction():
                    visit.store(own, 1.0)

    db.many("hosts.hold", [(host, db.now(), "") for host in HOSTS])
    db.execute("update host set failures = 1")
    db.execute(
        "create function keep() returns trigger language plpgsql as $$ begin new.failures := 1; return new; end $$"
    )
    db.execute("create trigger keep before update on host for each row execute function keep()")
    low, high = HOSTS[:100], HOSTS[100:]
    with ThreadPoolExecutor(2) as workers:
        for done in [workers.submit(tell, low, high), workers.submit(tell, high, low)]:
            done.result()
