"""Whatever a feed's URL answers, read for what it is."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mediawatch.feeds.parse import parse

URL = "https://pub.example/rss/news.xml"
NINE = datetime(2024, 1, 30, 9, 15, tzinfo=timezone(timedelta(hours=8)))


def rss(items="", channel="<title>News</title>", attributes='version="2.0"'):
    return f'<?xml version="1.0"?><rss {attributes}><channel>{channel}{items}</channel></rss>'.encode()


def item(inner):
    """The entry that an RSS item with this content becomes."""
    (entry,) = parse(rss(f"<item>{inner}</item>"), url=URL).entries
    return entry


def atom(inner, head=""):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{head}{inner}</feed>'.encode()


RSS_2 = rss(
    """<item><title>Talks begin</title><link>https://pub.example/a</link><guid isPermaLink="false">id-1</guid>
    <description>&lt;p&gt;The &lt;b&gt;talks&lt;/b&gt; began.&lt;/p&gt;</description>
    <pubDate>Tue, 30 Jan 2024 09:15:00 +0800</pubDate></item>"""
)
RSS_091 = rss(
    """<item><title>Talks begin</title><link>https://pub.example/a</link>
    <description>The talks began.</description></item>""",
    attributes='version="0.91"',
)
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>News</title></channel>
 <item rdf:about="https://pub.example/a"><title>Talks begin</title><link>https://pub.example/a</link>
 <description>The talks began.</description><dc:date>2024-01-30T09:15:00+08:00</dc:date></item></rdf:RDF>"""
ATOM = atom(
    """<entry><title>Talks begin</title><link rel="self" href="/self"/><link href="https://pub.example/a"/><id>id-1</id>
    <summary>The talks began.</summary><published>2024-01-30T09:15:00+08:00</published>
    <updated>2024-02-01T00:00:00Z</updated></entry>"""
)
ATOM_03 = b"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>News</title><entry><title>Talks begin</title>
 <link rel="alternate" type="text/html" href="https://pub.example/a"/><issued>2024-01-30T09:15:00+08:00</issued>
 <summary>The talks began.</summary></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "items": [
            {
                "id": "id-1",
                "url": "https://pub.example/a",
                "title": "Talks begin",
                "summary": "The talks began.",
                "date_published": "2024-01-30T09:15:00+08:00",
            }
        ],
    }
).encode()
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
 <url><loc>https://pub.example/a</loc><lastmod>2024-02-02</lastmod>
 <image:image><image:loc>https://pub.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
 <news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
 <news:publication_date>2024-01-30T09:15:00+08:00</news:publication_date><news:title>Talks begin</news:title>
 </news:news></url></urlset>"""


# ---- every format ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (RSS_2, "rss"),
        (RSS_091, "rss"),
        (RDF, "rdf"),
        (ATOM, "atom"),
        (ATOM_03, "atom"),
        (JSON, "json"),
        (SITEMAP, "sitemap"),
        (gzip.compress(SITEMAP), "sitemap"),
        (b"\xef\xbb\xbf" + RSS_2, "rss"),
        (RSS_2.decode().replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16"), "rss"),
        (RSS_2.decode().encode("utf-16-le"), "rss"),
        (b"\n\n" + RSS_2, "rss"),
        (b"<!-- a comment --><!DOCTYPE rss [<!ENTITY x 'y'>]>" + RSS_091.partition(b"?>")[2], "rss"),
    ],
)
def test_each_format_is_known_by_its_content_and_gives_the_same_entry(body, format):
    feed = parse(body, url=URL, content_type="text/html; charset=iso-8859-1")
    assert (feed.format, feed.title) == (format, "News")
    (entry,) = feed.entries
    assert (entry.url, entry.title) == ("https://pub.example/a", "Talks begin")
    assert entry.summary == ("" if format == "sitemap" else "The talks began.")
    if body is not RSS_091 and b"DOCTYPE" not in body:
        assert (entry.published, entry.published.utcoffset()) == (NINE, NINE.utcoffset())


def test_a_guid_is_kept_and_is_no_url_unless_it_is_a_permalink():
    assert item("<guid isPermaLink='false'>https://pub.example/?p=1</guid>").url is None
    assert item("<guid isPermaLink='false'>https://pub.example/?p=1</guid>").guid == "https://pub.example/?p=1"
    assert item("<guid>https://pub.example/?p=1</guid>").url == "https://pub.example/?p=1"
    assert item("<guid isPermaLink='true'>https://pub.example/?p=1</guid>").url == "https://pub.example/?p=1"


def test_no_password_stays_in_a_guid_and_no_other_at_sign_goes():
    guids = ["http://me:hunter2@a.example/1", "tag:me@a.example,2024:1", "me@a.example"]
    assert [item(f"<guid>{guid}</guid>").guid for guid in guids] == ["http://a.example/1", *guids[1:]]


@pytest.mark.parametrize("guid", ["14", "tag:pub.example,2024:1", "a/b"])
def test_a_permalink_guid_that_is_no_url_is_not_taken_for_one(guid):
    assert item(f"<guid>{guid}</guid>").url is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/a", "https://pub.example/a"),
        ("a?x=1&amp;copy=2", "https://pub.example/rss/a?x=1&copy=2"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("\n  https://pub.example/a\n ", "https://pub.example/a"),
        ("https://pub.example/新聞", "https://pub.example/新聞"),
        ("", None),
        ("http://[broken", None),
    ],
)
def test_links_are_absolute_or_none(link, url):
    assert item(f"<title>t</title><link>{link}</link>").url == url
    (entry,) = parse(json.dumps({"items": [{"url": link.replace("&amp;", "&")}]}).encode(), url=URL).entries
    assert entry.url == url


def test_the_page_wins_over_other_links_of_an_atom_entry():
    links = """<link rel="replies" href="/r"/><link rel="alternate" type="application/pdf" href="/a.pdf"/>
    <link rel="alternate" type="text/html" href="/a"/><link rel="enclosure" href="/a.mp3"/>"""
    (entry,) = parse(atom(f"<entry><title>t</title>{links}</entry>"), url=URL).entries
    assert entry.url == "https://pub.example/a"


def test_an_entry_with_only_an_enclosure_has_no_url():
    assert item('<enclosure url="https://pub.example/a.mp3" type="audio/mpeg" length="1"/>').url is None


def test_feedburner_gives_the_publishers_own_link():
    body = rss(
        "<item><link>http://feedproxy.example/~r/x</link><f:origLink>https://pub.example/a</f:origLink></item>",
        attributes='version="2.0" xmlns:f="http://rssnamespace.org/feedburner/ext/1.0"',
    )
    assert parse(body, url=URL).entries[0].url == "https://pub.example/a"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("AT&amp;amp;T &amp;lt;b&amp;gt;", "AT&T <b>"),
        ("&lt;b&gt;Big&lt;/b&gt; news", "Big news"),
        ("<![CDATA[One<br/>two]]>", "One two"),
        ("Profit &lt; 5 % &gt; loss", "Profit < 5 % > loss"),
        ("  two\n lines ", "two lines"),
        ("a\u200bb", "a\u200bb"),
        ("Gr\u00fc\u00dfe", "Grüße"),
    ],
)
def test_titles_are_plain_text_in_one_line(title, text):
    assert item(f"<title>{title}</title>").title == text


def test_an_atom_title_that_says_it_is_text_keeps_its_angle_brackets():
    (entry,) = parse(atom('<entry><title type="text">Why &lt;b&gt; is bold</title></entry>'), url=URL).entries
    assert entry.title == "Why <b> is bold"


def test_a_summary_loses_markup_scripts_and_styles_but_no_words():
    markup = "<p>One<script>alert(1)</script> two.</p><style>p{}</style><ul><li>three</li><li>fo<b>ur</b></li></ul>"
    assert item(f"<description><![CDATA[{markup}]]></description>").summary == "One two. three four"


def test_the_feeds_own_body_is_kept_as_html_and_not_sanitised():
    body = rss(
        "<item><c:encoded><![CDATA[<p onclick='x'>Whole <a href='/b'>text</a></p>]]></c:encoded></item>",
        attributes='version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"',
    )
    (entry,) = parse(body, url=URL).entries
    assert entry.content == "<p onclick='x'>Whole <a href='/b'>text</a></p>"


# ---- dates and rhythm ------------------------------------------------------------------------------------------------


def test_an_impossible_date_is_none_and_its_text_is_kept():
    entry = item("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>")
    assert (entry.published, entry.published_raw) == (None, "Mon, 01 Jan 0001 00:00:00 +0000")


def test_the_update_serves_where_the_publication_cannot_be_read():
    entry = "<entry><published>soon</published><updated>2024-01-30T09:15:00+08:00</updated></entry>"
    (entry,) = parse(atom(entry), url=URL).entries
    assert (entry.published, entry.published_raw) == (NINE, "2024-01-30T09:15:00+08:00")


def test_no_date_at_all_is_none():
    entry = item("<title>t</title>")
    assert (entry.published, entry.published_raw) == (None, None)


SY = 'version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>30</ttl>", 1_800),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 86_400),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>99999999999999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3_600),
        ("", None),
    ],
)
def test_the_feeds_own_rhythm_is_read(channel, seconds):
    assert parse(rss(channel=channel, attributes=SY), url=URL).interval_hint_s == seconds


# ---- what is broken --------------------------------------------------------------------------------------------------


def test_a_feed_that_is_not_well_formed_keeps_its_entries_and_gets_a_note():
    body = rss("<item><title>R&D at <br> once</title><link>https://pub.example/?a=1&b=2</link></item><item></item>")
    feed = parse(body, url=URL)
    assert len(feed.entries) == 2
    assert feed.entries[0].url == "https://pub.example/?a=1&b=2"
    assert feed.notes[0].startswith("not well-formed: ")


def test_a_feed_that_is_cut_off_keeps_what_came():
    items = "".join(f"<item><title>t{number}</title></item>" for number in range(5))
    feed = parse(rss(items).partition(b"t4")[0], url=URL)
    assert [entry.title for entry in feed.entries[:4]] == ["t0", "t1", "t2", "t3"]
    assert feed.notes


@pytest.mark.parametrize(
    ("encode", "declare", "header"),
    [
        ("utf-8", "", None),
        ("utf-8", ' encoding="iso-8859-1"', "text/xml; charset=iso-8859-1"),
        ("windows-1252", ' encoding="iso-8859-1"', None),
        ("windows-1252", "", None),
        ("windows-1252", ' encoding="utf-8"', "application/rss+xml; charset=UTF-8"),
        ("utf-16", ' encoding="utf-16"', None),
        ("utf-16-be", "", "text/xml"),
    ],
)
def test_the_bytes_decide_on_the_encoding(encode, declare, header):
    text = rss("<item><title>Café – “naïve”</title></item>").decode().replace('"1.0"', f'"1.0"{declare}', 1)
    feed = parse(text.encode(encode), url=URL, content_type=header)
    assert feed.entries[0].title == "Café – “naïve”"


@pytest.mark.parametrize("encode", ["gb18030", "shift_jis", "euc-kr", "koi8-r", "iso-2022-jp"])
def test_a_declared_encoding_is_believed_where_the_bytes_are_not_utf_8(encode):
    word = {"koi8-r": "Переговоры", "euc-kr": "대화"}.get(encode, "会議")
    text = rss(f"<item><title>{word}</title></item>").decode().replace('"1.0"', f'"1.0" encoding="{encode}"', 1)
    assert parse(text.encode(encode), url=URL).entries[0].title == word


def test_one_bad_byte_does_not_spoil_a_utf_8_feed():
    body = rss("<item><title>Ünïcödé tïtlé</title><description>x#y</description></item>").replace(b"#", b"\xff")
    feed = parse(body, url=URL)
    assert (feed.entries[0].title, feed.entries[0].summary) == ("Ünïcödé tïtlé", "x\ufffdy")
    assert feed.notes == ("bytes that are not utf-8 were replaced",)


def test_control_characters_and_lone_surrogates_go():
    feed = parse(rss("<item><title>a\0b\x0bc</title></item>"), url=URL)
    assert (feed.entries[0].title, feed.notes) == ("abc", ("2 control characters removed",))
    (entry,) = parse(rb'{"items": [{"title": "a\u0000b\ud800c", "content_text": "\u0000x"}]}', url=URL).entries
    assert (entry.title, entry.content) == ("abc", "x")


def test_text_before_the_feed_is_skipped():
    feed = parse(b"<br />\n<b>Warning</b>: mysql in /x.php\n" + RSS_2, url=URL)
    assert (feed.format, len(feed.entries), feed.notes) == ("rss", 1, ("text before the feed was skipped",))


def test_a_body_that_is_a_path_opens_no_file(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_bytes(RSS_2)
    assert parse(str(secret).encode(), url=URL).format == "unknown"


def test_entity_bombs_and_outside_entities_are_not_expanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol"><!ENTITY out SYSTEM "file://{secret}">{bomb}]>'
    for root, title, prolog in product(("rss", "urlset"), ("&e9;", "&out;"), (doctype, doctype.replace("lol", "]"))):
        body = f'<?xml version="1.0"?>{prolog}<{root}><channel><item><title>{title}</title></item></channel></{root}>'
        feed = parse(body.encode(), url=URL)
        assert feed.format == {"rss": "rss", "urlset": "sitemap"}[root]
        assert "secret" not in repr(feed)
        assert len(repr(feed)) < 2_000


@pytest.mark.parametrize("name", ["author", "managingEditor", "dc:creator"])
def test_a_huge_author_costs_no_more_than_its_length(name):
    # Quadratic, this would take hours; it is the test's own end that shows it is not.
    body = rss(
        f"<item><title>t</title><{name}>{'a' * 1_000_000}</{name}></item>",
        attributes='version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"',
    )
    assert parse(body, url=URL).entries[0].title == "t"


def test_a_gzip_file_of_several_parts_is_read_to_its_end():
    middle = len(SITEMAP) // 2
    whole = gzip.compress(SITEMAP[:middle]) + gzip.compress(SITEMAP[middle:]) + b"\0\0"
    assert parse(whole, url=URL) == parse(SITEMAP, url=URL)


def test_a_bomb_of_many_parts_is_cut_off(monkeypatch):
    monkeypatch.setattr("mediawatch.feeds.parse.MAX_UNZIPPED_BYTES", 1_000)
    feed = parse(gzip.compress(RSS_2) + gzip.compress(b" " * 400) * 100, url=URL)
    assert feed.notes[0] == "the gzip file is cut off or over the limit"


def test_a_gzip_bomb_is_cut_off(monkeypatch):
    monkeypatch.setattr("mediawatch.feeds.parse.MAX_UNZIPPED_BYTES", 10_000)
    feed = parse(gzip.compress(RSS_2 + b" " * 1_000_000), url=URL)
    assert feed.notes[0] == "the gzip file is cut off or over the limit"


# ---- what is not a feed ----------------------------------------------------------------------------------------------


def test_a_web_page_gives_the_feeds_it_advertises():
    page = b"""<!DOCTYPE html><html><head><title>News</title><base href="/en/">
    <link rel="alternate" type="application/rss+xml" href="feed.xml">
    <link rel="ALTERNATE nofollow" type="application/atom+xml; charset=utf-8" href="//feeds.example/atom">
    <link rel="alternate" type="application/feed+json" href="feed.json"><link rel="alternate" hreflang="de" href="/de">
    <link rel="alternate" type="application/rss+xml" href="feed.xml"></head><body><item>no</item></body></html>"""
    feed = parse(page, url="https://pub.example/", content_type="application/rss+xml")
    assert (feed.format, feed.entries, feed.title) == ("html", (), "News")
    assert feed.alternates == (
        "https://pub.example/en/feed.xml",
        "https://feeds.example/atom",
        "https://pub.example/en/feed.json",
    )
    assert feed.notes == ("a web page, not a feed",)


def test_a_sitemap_index_gives_its_sitemaps():
    body = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://pub.example/1.xml</loc>
    </sitemap><sitemap><loc> /2.xml </loc><lastmod>2024-01-30</lastmod></sitemap></sitemapindex>"""
    feed = parse(body, url=URL)
    assert (feed.format, feed.entries) == ("sitemap", ())
    assert feed.alternates == ("https://pub.example/1.xml", "https://pub.example/2.xml")


def test_the_sitemaps_of_an_index_come_newest_first_and_undated_ones_before():
    items = "".join(
        f"<sitemap><loc>https://pub.example/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>"
        for name, day in (
            ("old", "2020-01-01"),
            ("new", "2024-01-30T10:00:00Z"),
            ("undated", ""),
            ("mid", "2023-05-05"),
        )
    )
    feed = parse(f"<sitemapindex>{items}</sitemapindex>".encode(), url=URL)
    assert [url.rpartition("/")[2] for url in feed.alternates] == ["undated.xml", "new.xml", "mid.xml", "old.xml"]


def test_a_plain_sitemap_says_that_its_dates_are_changes():
    body = b"<urlset><url><loc>https://pub.example/a</loc><lastmod>2024-01-30</lastmod></url><url/></urlset>"
    feed = parse(body, url=URL)
    assert [entry.url for entry in feed.entries] == ["https://pub.example/a", None]
    assert feed.entries[0].published == datetime(2024, 1, 30, tzinfo=timezone.utc)
    assert feed.notes == ("dates are lastmod, not publication",)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"hello", "neither XML, JSON nor HTML"),
        (b"\x89PNG\r\n\x1a\n", "neither XML, JSON nor HTML"),
        (b"<opml version='2.0'><body/></opml>", "root element is opml"),
        (b'{"posts": []}', "JSON, but not a JSON Feed: it has no items"),
        (b"[1, 2]", "JSON, but not a JSON Feed: it has no items"),
        (b"[" * 200_000, "not JSON"),
        (b"{broken", "not JSON"),
    ],
)
def test_what_is_no_feed_is_unknown_and_says_why(body, note):
    feed = parse(body, url=URL)
    assert (feed.format, feed.entries) == ("unknown", ())
    assert any(note in each for each in feed.notes)


def test_an_empty_feed_is_a_feed():
    assert [parse(body, url=URL).format for body in (rss(), atom(""), b'{"items": []}')] == ["rss", "atom", "json"]


def test_bare_tabs_and_line_ends_in_json_texts_lose_no_feed():
    (entry,) = parse(b'{"items": [{"id": "1", "url": "http://a.example/1", "title": "One\n\ttwo"}]}', url=URL).entries
    assert entry.title == "One two"


def test_items_of_a_json_feed_may_be_odd():
    feed = parse(b'{"title": 3, "items": [{"id": 7, "url": null, "title": ["x"]}, "no item", {}]}', url=URL)
    assert [(entry.guid, entry.url, entry.title) for entry in feed.entries] == [("7", None, ""), (None, None, "")]
    assert feed.notes == ("1 items are not objects",)


# ---- anything at all -------------------------------------------------------------------------------------------------

SEEDS = [RSS_2, RDF, ATOM, JSON, SITEMAP, gzip.compress(RSS_2), b"<html><link rel=alternate></html>"]


@st.composite
def damaged(draw):
    """A feed with bytes cut out, put in, or doubled."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        body = body[:start] + draw(st.binary(max_size=12) | st.just(body[start:end] * 3)) + body[end:]
    return body


@settings(deadline=None)
@given(st.binary() | damaged(), st.sampled_from([URL, "", "http://[", "x"]), st.none() | st.text(max_size=30))
@example(
    b"<?xml version='1.0' encoding='unicode_escape'?><rss><channel><title>\\ud800\xff</title></channel></rss>", URL, ""
)
@example(b"<rss>" + b"<a>" * 5_000, URL, "text/xml; charset=hex")
@example(b"<feed><entry><link href='http://[x'/><id>http://[</id></entry></feed>", "http://[", "charset=idna")
def test_no_bytes_make_it_raise(body, url, content_type):
    feed = parse(body, url=url, content_type=content_type)
    assert feed.format in ("rss", "rdf", "atom", "json", "sitemap", "html", "unknown")
    assert feed.entries or feed.notes or feed.format != "unknown"
    for text in (
        feed.title,
        *(part for entry in feed.entries for part in (entry.title, entry.summary, entry.url or "")),
    ):
        assert "\0" not in text
        text.encode()


def test_an_emoji_written_as_two_halves_loses_no_entry() -> None:
    items = "".join(
        f"<item><title>Item {n} &#xD83D;&#xDE00;</title><link>http://a.example/{n}</link></item>" for n in range(3)
    )
    feed = parse(
        f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(), url="http://a.example/"
    )
    assert [entry.title for entry in feed.entries] == [f"Item {n} 😀" for n in range(3)]


def test_half_a_character_and_forbidden_references_stop_nothing() -> None:
    items = "".join(
        f"<item><title>{bad}</title><link>http://a.example/{n}</link><description>&lt;p&gt;x &amp;#11; &amp;#65535; y&lt;/p&gt;</description></item>"
        for n, bad in enumerate(("&#xD83D; alone", "&#38;&#xDE00;&#60;b", "&#56832;"))
    )
    feed = parse(
        f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(), url="http://a.example/"
    )
    assert len(feed.entries) == 3
    assert not any("\ud800" <= char <= "\udfff" for entry in feed.entries for char in entry.title + entry.summary)


def test_user_names_and_passwords_are_not_kept() -> None:
    item = "<item><title>x</title><link>http://alice:s3cret@a.example/1</link></item>"
    feed = parse(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), url="http://a.example/")
    assert feed.entries[0].url == "http://a.example/1"


LAUGHS = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(("entities", "name"), [(LAUGHS, "i"), ('<!ENTITY x SYSTEM "file:///etc/passwd">', "x")])
@pytest.mark.parametrize(
    "document",
    [
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://pub.example/&{};</loc></url></urlset>",
        "<rss version='2.0'><channel><item><title>&{};</title><link>http://pub.example/1</link></item></channel></rss>",
    ],
)
def test_entities_of_a_feed_or_sitemap_are_neither_expanded_nor_read_from_files(entities, name, document):
    body = f'<?xml version="1.0"?><!DOCTYPE d [{entities}]>' + document.format(name)
    told = repr(parse(body.encode(), url=URL))
    assert len(told) < 500
    assert not any(word in told for word in ("lollol", "root:"))


def test_a_number_of_a_million_digits_makes_no_feed():
    body = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": ' + b"9" * 1_000_000 + b"}]}"
    assert parse(body, url=URL).format == "unknown"
