"""Everything that can go wrong, in two trees: reasons are values that are stored, exceptions stop the work.

Expected failures (a timeout, a 404, a page without an article) are a :class:`Reason` in an outcome row. Exceptions:

    MediawatchError
     ├── SettingsError        a setting is missing or cannot be read
     ├── StoreError           the database cannot be reached, or is not what this version needs
     │    ├── MigrationError  a migration was edited after it was applied, or is missing
     │    ├── QueryError      a query by hand is refused by the server
     │    └── LeaseHeld       another worker holds the batch and its lease has not run out
     ├── ArchiveError         the archive cannot be reached, or takes no more; the work waits
     ├── ProxyError           the outgoing proxy cannot be reached or does not let us through
     ├── OfflineError         not one of many hosts can be reached: the fault is on our side
     ├── TopicError           a topic file is wrong; says file, line, column and what to write
     ├── AlertError           an alert rule is wrong; says which and what to write
     ├── OpmlError            an OPML file cannot be read
     ├── BackupError          a back-up is not whole, or cannot be made or restored
     ├── ReplayError          a replay is not there, or not in the state that is asked of it
     └── LocalServiceError    an embedded service (Postgres, Airflow, the corpus) did not start or stop
"""

from __future__ import annotations

from enum import Enum


class MediawatchError(Exception):
    """Something that a person has to put right; its text says what."""


class SettingsError(MediawatchError):
    """A setting is missing or cannot be read."""


class StoreError(MediawatchError):
    """The database cannot be reached, is not what this version needs, or its ledger does not balance."""


class MigrationError(StoreError):
    """A migration was edited after it was applied, or is missing."""


class QueryError(StoreError):
    """A query by hand is refused by the server."""


class LeaseHeld(StoreError):
    """Another worker holds the batch and its lease has not run out."""


class ArchiveError(MediawatchError):
    """The archive cannot be reached, or takes no more; the work waits."""


class ProxyError(MediawatchError):
    """The outgoing proxy cannot be reached or does not let us through."""


class OfflineError(MediawatchError):
    """Not one of many hosts can be reached: the fault is on our side."""


class TopicError(MediawatchError):
    """A topic file is wrong."""


class AlertError(MediawatchError):
    """An alert rule is wrong, or is not there."""


class OpmlError(MediawatchError):
    """An OPML file cannot be read."""


class ReplayError(MediawatchError):
    """A replay is not there, or not in the state that is asked of it."""


class BackupError(MediawatchError):
    """A back-up is not whole, or cannot be made or restored."""


class LocalServiceError(MediawatchError):
    """An embedded service did not start or stop."""


class Status(str, Enum):
    """What a stage made of an entry."""

    OK = "ok"
    DROPPED = "dropped"
    FAILED = "failed"


class Reason(str, Enum):
    """Why an entry has no article of its own. `dropped`: nothing to load, by rule. `failed`: we could not get it."""

    def __new__(cls, word: str, status: Status = Status.FAILED, retried: bool = False, meaning: str = "") -> Reason:
        """A reason is its word; the rest is what is known of it."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.status = status
        member.retried = retried
        member.meaning = meaning
        return member

    status: Status
    retried: bool
    meaning: str

    NO_URL = "no_url", Status.DROPPED, False, "the feed announced it without a link"
    BAD_URL = "bad_url", Status.DROPPED, False, "the link is not an http(s) URL"
    SEALED_LINK = "sealed_link", Status.FAILED, False, "a Google News link that no longer leads to the publisher"
    ROBOTS = "robots", Status.DROPPED, False, "the site's robots.txt disallows it"
    UNSUPPORTED_TYPE = "unsupported_type", Status.DROPPED, False, "neither HTML nor XHTML (a PDF, an image, a video)"
    TOO_LARGE = "too_large", Status.DROPPED, False, "more bytes than the size limit"
    NO_TEXT = "no_text", Status.DROPPED, False, "the page holds no article text"
    PAYWALL = "paywall", Status.DROPPED, False, "only a stub is served without a subscription"
    LIST_PAGE = "list_page", Status.DROPPED, False, "the page lists articles and is none"
    SAME_PAGE = "same_page", Status.DROPPED, False, "another entry already led to the same article"
    EXPIRED = "expired", Status.DROPPED, False, "was kept as long as the rules of retention say, and taken away"
    FORGOTTEN = "forgotten", Status.DROPPED, False, "a person had it taken down; it does not come back"
    NOT_FOUND = "not_found", Status.FAILED, False, "HTTP 404"
    GONE = "gone", Status.FAILED, False, "HTTP 410: it was there, and was taken away"
    REFUSED = "refused", Status.FAILED, False, "HTTP 401, 403, 451 or another 4xx"
    RATE_LIMITED = "rate_limited", Status.FAILED, True, "HTTP 429, on every attempt"
    SERVER_ERROR = "server_error", Status.FAILED, True, "HTTP 5xx, on every attempt"
    ERROR_PAGE = "error_page", Status.FAILED, False, "HTTP 200, with the text of an error or of a check for robots"
    REDIRECTS = "redirects", Status.FAILED, False, "a redirect loop, too many hops, or a redirect to nowhere"
    BLOCKED_ADDRESS = "blocked_address", Status.FAILED, False, "the host leads to a private or reserved address"
    DNS = "dns", Status.FAILED, True, "the host name does not resolve"
    TLS = "tls", Status.FAILED, True, "the certificate or the handshake is bad"
    TIMEOUT = "timeout", Status.FAILED, True, "no complete answer in time"
    CONNECTION = "connection", Status.FAILED, True, "refused, reset or cut off"
    BAD_RESPONSE = "bad_response", Status.FAILED, True, "the answer breaks HTTP or its own content encoding"
    NO_CREDENTIAL = "no_credential", Status.FAILED, False, "the secret that the feed is asked with is not to be found"
    PARSE_LIMIT = "parse_limit", Status.FAILED, True, "parsing the feed went over its time or memory limit"
    PARSE_CRASH = "parse_crash", Status.FAILED, True, "the parser died on this feed"
    EXTRACT_LIMIT = "extract_limit", Status.FAILED, False, "extraction went over its time or memory limit"
    EXTRACT_CRASH = "extract_crash", Status.FAILED, False, "the extractor died on this page"
    INTERNAL = "internal", Status.FAILED, False, "broke its batch twice and was set aside; a bug to report"
