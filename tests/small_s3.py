"""As much of S3 over HTTP as an archive needs: objects whole and in parts, ranges, copies, deletion, listing; in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

STAMP = "2026-01-01T00:00:00.000Z"


class SmallS3(ThreadingHTTPServer):
    """The objects by "bucket/key"; while `dead` it answers 503 to everything."""

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, _Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.dead = False

    @property
    def environment(self) -> dict[str, str]:
        """What leads a client here."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def serving() -> Iterator[SmallS3]:
    """A running one."""
    server = SmallS3()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SmallS3

    def do_PUT(self) -> None:
        body, query = self._body(), self._query()
        if "uploadId" in query:
            self.server.parts[query["uploadId"]][int(query["partNumber"])] = body
        elif source := self.headers.get("x-amz-copy-source"):
            self.server.objects[self._key()] = self.server.objects[unquote(source).lstrip("/")]
            return self._answer(
                200, f"<CopyObjectResult><ETag>x</ETag><LastModified>{STAMP}</LastModified></CopyObjectResult>"
            )
        else:
            self.server.objects[self._key()] = body
        self._answer(200, ETag='"x"')

    def do_POST(self) -> None:
        body, query = self._body(), self._query()
        if "delete" in query:
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for key in keys:
                self.server.objects.pop(f"{self._key().rstrip('/')}/{key}", None)
            return self._answer(
                200, f"<DeleteResult>{''.join(f'<Deleted><Key>{k}</Key></Deleted>' for k in keys)}</DeleteResult>"
            )
        if "uploads" in query:
            upload = str(len(self.server.parts))
            self.server.parts[upload] = {}
            return self._answer(
                200,
                f"<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>",
            )
        parts = self.server.parts.pop(query["uploadId"])
        self.server.objects[self._key()] = b"".join(part for _, part in sorted(parts.items()))
        self._answer(200, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

    def do_GET(self) -> None:
        query = self._query()
        if "list-type" in query:
            return self._list(self._key().rstrip("/") + "/", query.get("prefix", ""))
        body = self.server.objects.get(self._key())
        if body is None:
            return self._answer(404, "<Error><Code>NoSuchKey</Code></Error>")
        told = {"ETag": f'"{md5(body).hexdigest()}"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        if match := re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
            told["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            return self._answer(206, body[first : last + 1], **told)
        self._answer(200, body, **told)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.server.objects.pop(self._key(), None)
        self._answer(204)

    def _list(self, bucket: str, prefix: str) -> None:
        found = [
            (key[len(bucket) :], body) for key, body in self.server.objects.items() if key.startswith(bucket + prefix)
        ]
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size><LastModified>{STAMP}</LastModified><ETag>x</ETag></Contents>"
            for key, body in found
        )
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>")

    def _answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        if self.server.dead:
            status, data, headers = 503, b"", {}
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _query(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def log_message(self, *_: object) -> None:
        pass
