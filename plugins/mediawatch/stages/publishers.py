"""hosts → sources: which publisher a page belongs to that no feed announced."""

from __future__ import annotations

from mediawatch.articles.url import normalise, site
from mediawatch.stages.visit import host_of
from mediawatch.store.database import Database


class Publishers:
    """The sources by the hosts of their homepages, names and feeds; one that is missing is made, named by its site.

    A host belongs to the source that has it, else to the only source of its registrable domain.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._hosts: dict[str, int] = {}
        self._sites: dict[str, set[int]] = {}
        for row in db.rows("backfill.sources"):
            self._know(row.url, row.source_id)

    def source_of(self, url: str) -> int:
        """The id of a URL's source; to be called in the transaction that uses it."""
        host = _plain_host(url)
        known = self._hosts.get(host)
        if known is None:
            known = self._of_site(site(host))
            self._hosts[host] = known
        return known

    def _of_site(self, name: str) -> int:
        owners = self._sites.get(name, set())
        if len(owners) != 1:
            owners = {self._db.value("feeds.add_source", name=name, homepage=None, tags=[])}
            self._sites[name] = owners
        return next(iter(owners))

    def _know(self, url: str, source_id: int) -> None:
        if host := _plain_host(url):
            self._hosts.setdefault(host, source_id)
            self._sites.setdefault(site(host), set()).add(source_id)


def _plain_host(url: str) -> str:
    """The host without www., AMP and mobile labels; '' of what is no http(s) URL."""
    return host_of(normalise(url) or "")
