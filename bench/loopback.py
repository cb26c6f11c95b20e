"""The servers that the benchmarks ask: feeds and pages on loopback, in a process of their own.

python loopback.py feeds honest|careless     bodies by number, with validators or ignoring them
python loopback.py pages LATENCY_S HOSTS     100 kB of HTML at every path, on HOSTS addresses of 127.0.0.0/8
python loopback.py folder LATENCY_S HOSTS FOLDER EACH   /N.html is a file; /feed/N.xml announces the Nth EACH of them
python loopback.py articles LATENCY_S HOSTS EACH   the same, but /feed.xml announces EACH articles, and each is another
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from aiohttp import web

FEED_BYTES = 80_000
PAGE_BYTES = 100_000
DIFFERENT_FEEDS = 100
"""Bodies that differ; feed number n has body n modulo this."""
LATENCY_S = 0.2
HOSTS = 500
_WORDS = Path(__file__).with_name("words.txt")
_ROBOTS = b"User-agent: *\nDisallow: /private/\n"
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def sentences(seed: str) -> Iterator[str]:
    """Endless text with the letter and word frequencies of prose."""
    chance = random.Random(seed)
    words = _WORDS.read_text("utf-8").split()
    weights = [1 / (rank + 3) for rank in range(len(words))]
    while True:
        yield " ".join(chance.choices(words, weights, k=chance.randint(8, 24))).capitalize() + "."


@lru_cache(DIFFERENT_FEEDS)
def feed_body(number: int) -> bytes:
    """RSS 2.0 with full text and the extensions that publishers use, about FEED_BYTES long."""
    text, items = sentences(f"feed {number}"), []
    size = 0
    while size < FEED_BYTES:
        link = f"https://site{number}.example/2026/11/{len(items)}/story.html"
        body = "".join(f"<p>{next(text)} {next(text)}</p>" for _ in range(6))
        items.append(
            f"<item><title>{next(text)}</title><link>{link}</link><guid isPermaLink='true'>{link}</guid>"
            f"<pubDate>Fri, 20 Nov 2026 {len(items) % 24:02}:15:00 +0000</pubDate><dc:creator>A. Writer</dc:creator>"
            f"<category>World</category><description>{next(text)}</description>"
            f"<media:content url='{link}.jpg' medium='image' width='1200' height='675'/>"
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
        )
        size += len(items[-1])
    names = "".join(
        f" xmlns:{prefix}='{name}'"
        for prefix, name in (
            ("dc", "http://purl.org/dc/elements/1.1/"),
            ("media", "http://search.yahoo.com/mrss/"),
            ("content", "http://purl.org/rss/1.0/modules/content/"),
        )
    )
    head = f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'{names}><channel><title>Site {number}</title>"
    return (head + "".join(items) + "</channel></rss>").encode()


def etag(body: bytes) -> str:
    """The validator of a body."""
    return f'"{sha256(body).hexdigest()[:16]}"'


def page_body() -> bytes:
    """An HTML page of PAGE_BYTES, half prose, half the markup around it; it packs to about a quarter."""
    text, parts, size = sentences("page"), ["<!doctype html><html><head><title>A page</title></head><body>"], 0
    while size < PAGE_BYTES:
        link = f'<li class="related-list__item"><a class="related-list__link" href="/world/{size}/story.html">'
        parts.append(f'<p class="article-body__paragraph">{next(text)}</p>{link}<span>{size}</span></a></li>')
        size += len(parts[-1])
    return "".join(parts).encode()[:PAGE_BYTES]


def feeds(honest: bool) -> Handler:
    """GET /n: feed body n, packed; 304 to its validator where the server is honest."""
    bodies = [feed_body(number) for number in range(DIFFERENT_FEEDS)]
    packed = [zlib.compress(body, wbits=31) for body in bodies]
    tags = [etag(body) for body in bodies]
    plain = {"Content-Type": "application/rss+xml", "Content-Encoding": "gzip"}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        number = int(request.path[1:]) % DIFFERENT_FEEDS
        if not honest:
            return web.Response(body=packed[number], headers=plain)
        if request.headers.get("If-None-Match") == tags[number]:
            return web.Response(status=304, headers={"ETag": tags[number]})
        return web.Response(body=packed[number], headers={**plain, "ETag": tags[number]})

    return answer


def pages(latency_s: float) -> Handler:
    """GET anything: a page that differs in its last bytes, after the latency; 304 to its validator."""
    body = page_body()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(latency_s)
        if request.path == "/robots.txt":
            return web.Response(body=_ROBOTS, content_type="text/plain")
        tag = {"ETag": f'"{request.path}"'}
        if request.headers.get("If-None-Match") == tag["ETag"]:
            return web.Response(status=304, headers=tag)
        return web.Response(body=body + request.path.encode(), headers=tag, content_type="text/html", charset="utf-8")

    return answer


def folder(latency_s: float, root: Path, each: int) -> Handler:
    """GET /N.html: that file; GET /feed/N.xml: RSS that announces `each` files from N·each on, on the host asked."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(latency_s)
        if request.path.startswith("/feed/"):
            number = int(request.path.removeprefix("/feed/").removesuffix(".xml"))
            return web.Response(
                body=announcement(request.host, number * each, each), content_type="application/rss+xml"
            )
        page = root / request.path[1:]
        if not page.is_file():
            return web.Response(status=404)
        return web.Response(body=page.read_bytes(), content_type="text/html", charset="utf-8")

    return answer


def articles(latency_s: float, each: int) -> Handler:
    """GET /feed.xml: a feed of `each` articles; GET anything else: an article of that host and path's own."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(latency_s)
        if request.path == "/robots.txt":
            return web.Response(body=_ROBOTS, content_type="text/plain")
        if request.path == "/feed.xml":
            return web.Response(body=announcement(request.host, 0, each), content_type="application/rss+xml")
        return web.Response(body=article(request.host + request.path), content_type="text/html", charset="utf-8")

    return answer


def announcement(host: str, first: int, count: int) -> bytes:
    """RSS 2.0 with the addresses of that many numbered pages of a host."""
    links = (f"http://{host}/{number}.html" for number in range(first, first + count))
    items = "".join(f"<item><title>{next(sentences(link))}</title><link>{link}</link></item>" for link in links)
    return f"<rss version='2.0'><channel><title>{host}</title>{items}</channel></rss>".encode()


def article(seed: str) -> bytes:
    """A page of some 600 words that no other seed has, with a little markup around them."""
    text = sentences(seed)
    title, body = next(text), "".join(f"<p>{next(text)} {next(text)} {next(text)}</p>" for _ in range(12))
    head = f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head><body>"
    menu = "".join(f"<li><a href='/{number}.html'>{number}</a></li>" for number in range(20))
    return f"{head}<nav><ul>{menu}</ul></nav><article><h1>{title}</h1>{body}</article></body></html>".encode()


def addresses(count: int) -> list[str]:
    """That many addresses of 127.0.0.0/8."""
    return [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(count)]


@contextmanager
def serving(*what: str) -> Iterator[int]:
    """The server of this module's arguments while the block runs; its port."""
    server = subprocess.Popen([sys.executable, __file__, *what], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


async def _serve(handler: Handler, hosts: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    server = web.Server(handler)
    first = await loop.create_server(server, hosts[0], 0, backlog=1_000)
    port = first.sockets[0].getsockname()[1]
    if hosts[1:]:
        await loop.create_server(server, hosts[1:], port, backlog=1_000)
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "feeds":
        asyncio.run(_serve(feeds(sys.argv[2] == "honest"), ["127.0.0.1"]))
    elif sys.argv[1] == "folder":
        files = folder(float(sys.argv[2]), Path(sys.argv[4]), int(sys.argv[5]))
        asyncio.run(_serve(files, addresses(int(sys.argv[3]))))
    elif sys.argv[1] == "articles":
        asyncio.run(_serve(articles(float(sys.argv[2]), int(sys.argv[4])), addresses(int(sys.argv[3]))))
    else:
        asyncio.run(_serve(pages(float(sys.argv[2])), addresses(int(sys.argv[3]))))
