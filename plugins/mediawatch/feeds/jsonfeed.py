"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mediawatch.feeds.dates import read_date
from mediawatch.feeds.links import absolute, identifier, is_web_url
from mediawatch.feeds.text import clean, one_line, plain_text
from mediawatch.models import EntryData, FeedData

_DATE_FIELDS = ("date_published", "date_modified")


def read_json_feed(text: str, *, url: str) -> FeedData:
    """The feed in a JSON text; format 'unknown' with a note if it is JSON of another kind or none."""
    try:
        document = json.loads(text, strict=False)  # tabs and line ends stand bare in the texts of careless writers
    except (ValueError, RecursionError) as error:
        return FeedData("unknown", "", (), (f"not JSON: {one_line(str(error))[:200]}",))
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return FeedData("unknown", "", (), ("JSON, but not a JSON Feed: it has no items",))
    items = [item for item in document["items"] if isinstance(item, dict)]
    lost = len(document["items"]) - len(items)
    return FeedData(
        format="json",
        title=plain_text(_string(document, "title")),
        entries=tuple(_entry(item, url) for item in items),
        notes=(f"{lost} items are not objects",) if lost else (),
    )


def _entry(item: Mapping[str, Any], url: str) -> EntryData:
    raws = [one_line(raw) for raw in (_string(item, name) for name in _DATE_FIELDS) if raw.strip()]
    read = [(moment, raw) for raw in raws if (moment := read_date(raw))]
    published, published_raw = read[0] if read else (None, raws[0] if raws else None)
    return EntryData(
        url=_link(item, url),
        guid=identifier(_string(item, "id")),
        title=one_line(_string(item, "title")),
        summary=plain_text(_string(item, "summary")),
        published=published,
        published_raw=published_raw,
        content=clean(_string(item, "content_html") or _string(item, "content_text")) or None,
        updated=read_date(one_line(_string(item, "date_modified"))),
    )


def _link(item: Mapping[str, Any], url: str) -> str | None:
    link = _string(item, "url") or _string(item, "external_url")
    guid = _string(item, "id")
    return absolute(url, link or (guid if is_web_url(guid) else None))


def _string(item: Mapping[str, Any], name: str) -> str:
    """A string field; a number becomes one, since version 1.0 let ids be numbers."""
    value = item.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return value if isinstance(value, str) else ""
