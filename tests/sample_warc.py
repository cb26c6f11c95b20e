"""WARC files as crawlers write them, made of the sample corpus: warcinfo, request and response records."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from mediawatch.local.corpus import ROOT
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PUBLISHER = "northwire.example"


@dataclass(frozen=True)
class Answer:
    """One request of a crawl, and what came back."""

    url: str
    body: bytes
    status: str = "200 OK"
    content_type: str = "text/html; charset=utf-8"
    encoding: str = ""


def pages(publisher: str = PUBLISHER) -> list[Answer]:
    """The article pages of a publisher of the corpus."""
    site = ROOT / publisher / "site"
    files = sorted(site.rglob("*.html"))
    return [Answer(f"http://{publisher}/{file.relative_to(site)}", file.read_bytes()) for file in files]


def write(file: Path, answers: Iterable[Answer], *, zipped: bool = True) -> Path:
    """One gzip member a record, WARC 1.0 and dates to the second, as CC-NEWS has them."""
    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=zipped, warc_version="WARC/1.0")
        writer.write_record(writer.create_warcinfo_record(file.name, {"software": "a crawler"}))
        for answer in answers:
            _write_exchange(writer, answer)
    return file


def _write_exchange(writer: WARCWriter, answer: Answer) -> None:
    headers = [("Content-Type", answer.content_type), ("Content-Encoding", answer.encoding)]
    head = StatusAndHeaders(answer.status, [each for each in headers if each[1]], protocol="HTTP/1.1")
    body = gzip.compress(answer.body) if answer.encoding == "gzip" else answer.body
    asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
    for kind, http_headers, payload in (("request", asked, b""), ("response", head, body)):
        record = writer.create_warc_record(
            answer.url,
            kind,
            payload=BytesIO(payload),
            length=len(payload),
            http_headers=http_headers,
            warc_headers_dict={"WARC-Date": "2024-03-01T06:07:08Z"},
        )
        writer.write_record(record)
