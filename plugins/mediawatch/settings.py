"""One frozen Settings, read from the environment at the edges (CLI, DAG glue) and passed inwards as a value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yarl import URL

from mediawatch.errors import SettingsError

PREFIX = "MEDIAWATCH_"
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Every setting with its default; each is read from MEDIAWATCH_<NAME IN CAPITALS>. Units are in the names."""

    home: str = str(PROJECT / ".mediawatch")
    """Folder for what runs on this machine: embedded Postgres, Airflow's files, the archive by default."""
    database_url: str = ""
    """libpq URL of mediawatch's own database; empty means the embedded server in `home`."""
    archive: str = ""
    """Folder or URI (any that universal_pathlib reads, e.g. s3://bucket/prefix) of the archive; empty: home/archive."""

    archive_free_mb: int = 500
    """With less room than this on the archive's disk nothing more is fetched."""

    user_agent: str = "mediawatch/0.1"
    contact: str = ""
    """An address or URL that site owners can write to; added to the User-Agent."""
    hosts: str = ""
    """NAME=127.0.0.1:PORT, comma-separated: names that are dialled there only; the address guard's sole exception."""
    proxy: str = ""
    """http(s) URL of an outgoing proxy; names are then resolved by it, and the address guard sees literal ones only."""
    host_spacing_s: float = 5.0
    """Least time between two requests to one host."""
    host_concurrency: int = 2
    """Most requests at once to one host."""
    fetch_concurrency: int = 100
    """Most requests at once in one batch."""
    fetch_budget_s: float = 240.0
    """A batch's fetch ends after this time and releases what it did not reach."""
    fetch_attempts: int = 4
    retry_base_s: float = 300.0
    """Wait before the second attempt; doubles with each further one."""
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    """A server that is silent for so long is given up, before its first byte and between two."""
    total_timeout_s: float = 60.0
    max_page_bytes: int = 10_000_000
    max_feed_bytes: int = 15_000_000
    max_redirects: int = 8

    poll_min_s: int = 300
    poll_max_s: int = 86_400
    poll_shard_feeds: int = 250
    """Feeds that one polling task takes."""

    parse_limit_s: float = 20.0
    """Time for parsing one feed."""
    parse_memory_mb: int = 600

    batch_entries: int = 1_250
    backlog_entries: int = 40_000
    """With so many entries in open batches no new ones are claimed: as many as two runs hold."""
    lease_s: int = 1_800
    extract_workers: int = 0
    """Worker processes for a batch; 0 means one for each core."""
    extract_limit_s: float = 20.0
    extract_memory_mb: int = 600

    refetch_days: int = 90
    """How long an article is asked for again; 0: never."""
    refetch_first_s: float = 3_600.0
    """Age of an article at its first refetch, and the least time between two."""
    refetch_shard: int = 500
    """Articles that one refetching task takes."""

    poll_log_days: int = 90
    """How long the log of polls is kept, and that of messages."""

    alert_channels: str = ""
    """Where alerts go whose rule names no channel: names of secrets, comma-separated. Empty: they are only shown."""
    digest_channels: str = ""
    """Where the daily digest goes: names of secrets, comma-separated."""
    digest_zone: str = "UTC"
    """Time zone of the digest's day."""
    digest_hour: int = 7
    """Hour at which the digest of the day before is sent, in that zone."""
    desk_url: str = ""
    """Address of the desk's pages, for links in messages; in Airflow its own address if empty."""
    alert_retry_s: float = 60.0
    """Wait before a message is tried a second time; doubles with each further one, up to six hours."""
    keep_articles_days: int = 0
    """How long articles are kept after they were loaded, with their pages and bytes; 0: for ever, as in the two below.
    A publisher may have rules of its own."""
    keep_pages_days: int = 0
    """How long pages that gave no article are kept."""
    keep_archive_days: int = 0
    """How long the archived bytes of articles are kept, which replays need."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Settings from environment variables; SettingsError names the variable that cannot be read."""
        env = os.environ if env is None else env
        values: dict[str, object] = {}
        for item in fields(cls):
            name = PREFIX + item.name.upper()
            raw = env.get(name)
            if raw is None or raw == "":
                continue
            kind = {"str": str, "int": int, "float": float}[str(item.type)]
            try:
                values[item.name] = kind(raw)
            except ValueError:
                raise SettingsError(f"{name} must be of type {kind.__name__}, not {raw!r}") from None
            if kind is not str and float(raw) < 0:
                raise SettingsError(f"{name} must not be negative")
        settings = cls(**values)  # type: ignore[arg-type]
        settings.host_map()
        settings.proxy_url()
        settings.digest_tz()
        return settings

    @property
    def archive_root(self) -> str:
        """The archive's folder or URI."""
        return self.archive or str(Path(self.home) / "archive")

    def proxy_url(self) -> URL | None:
        """`proxy` as a URL; SettingsError, which does not tell the password, when it is none."""
        if not self.proxy:
            return None
        try:
            url = URL(self.proxy)
        except ValueError:
            url = URL()
        if url.scheme not in ("http", "https") or not url.host:
            raise SettingsError(f"{PREFIX}PROXY is not the http(s) URL of a proxy")
        return url

    def digest_tz(self) -> ZoneInfo:
        """`digest_zone`; SettingsError when there is no such time zone."""
        try:
            return ZoneInfo(self.digest_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingsError(
                f"{PREFIX}DIGEST_ZONE: {self.digest_zone!r} is no time zone, e.g. Europe/Berlin"
            ) from None

    def host_map(self) -> dict[str, tuple[str, int]]:
        """`hosts` as {name: (address, port)}; SettingsError on a bad item."""
        result: dict[str, tuple[str, int]] = {}
        for item in filter(None, (part.strip() for part in self.hosts.split(","))):
            name, _, target = item.partition("=")
            address, _, port = target.rpartition(":")
            if not (name and address and port.isdigit()):
                raise SettingsError(f"{PREFIX}HOSTS: {item!r} is not NAME=ADDRESS:PORT")
            try:
                ip_address(address)
            except ValueError:
                raise SettingsError(f"{PREFIX}HOSTS: {address!r} is not an IP address") from None
            result[name.lower()] = (address, int(port))
        return result
