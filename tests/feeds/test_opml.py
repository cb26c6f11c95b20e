"""Lists of feeds, in and out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from mediawatch.errors import OpmlError
from mediawatch.feeds.opml import Subscription, read, write


def opml(body):
    return f'<?xml version="1.0"?><opml version="1.0"><head/><body>{body}</body></opml>'.encode()


def test_a_readers_folders_are_tags():
    found = read(
        opml(
            """<outline text="World"><outline text="Asia, East" title="Asia, East">
            <outline type="rss" text="Pub" title="The Pub" xmlUrl="https://pub.example/rss" htmlUrl="https://pub.example/"
             category="/news,us-china , "/></outline>
            <outline text="Wire" xmlUrl="https://wire.example/a?x=1&amp;y=2"/></outline>
            <outline XMLURL="http://alone.example/feed"/>"""
        )
    )
    tags = ("World", "Asia  East", "news", "us-china")
    assert found == (
        Subscription("https://pub.example/rss", "The Pub", "", "https://pub.example/", tags),
        Subscription("https://wire.example/a?x=1&y=2", "Wire", tags=("World",)),
        Subscription("http://alone.example/feed"),
    )


@pytest.mark.parametrize("mark", ['htmlUrl="https://pub.example/"', 'type="publisher"'])
def test_a_folder_with_a_homepage_is_a_publisher(mark):
    feed = '<outline text="News" xmlUrl="https://pub.example/rss"/>'
    (found,) = read(opml(f'<outline text="Wires"><outline text="The Pub" {mark}>{feed}</outline></outline>'))
    assert (found.source, found.title, found.tags) == ("The Pub", "News", ("Wires",))


def test_an_empty_list_is_a_list():
    assert read(opml("")) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "line"),
        (b"not xml", "line 1"),
        (b"<opml><body>\n<outline></body></opml>", "line 2"),
        (b"<rss><channel/></rss>", "not OPML: its root is <rss>"),
        (b"<opml/>", "no <body>"),
        (opml('\n<outline xmlUrl="ftp://x.example/"/>'), "line 2: 'ftp://x.example/' is not"),
        (b"\xff\xfe\x00", "line"),
    ],
)
def test_bad_input_is_refused_with_what_is_wrong_and_where(text, message):
    with pytest.raises(OpmlError, match=message):
        read(text)


def test_entities_are_refused_whether_they_are_a_bomb_or_a_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    bomb = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for doctype, use in ((bomb, "&i;"), (f'<!ENTITY out SYSTEM "file://{secret}">', "&out;")):
        body = opml(f"<outline text='x'>{use}</outline>").partition(b"?>")[2]
        with pytest.raises(OpmlError, match="entit"):
            read(f"<!DOCTYPE opml [{doctype}]>".encode() + body)


def test_a_bomb_in_an_attribute_does_not_go_off():
    bomb = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    body = opml('<outline text="&i;" xmlUrl="http://x.example/"/>').partition(b"?>")[2]
    with pytest.raises(OpmlError):
        read(f"<!DOCTYPE opml [{bomb}]>".encode() + body)


def test_folders_may_nest_as_deep_as_the_parser_goes():
    deep = "<outline text='f'>" * 200 + '<outline xmlUrl="http://x.example/"/>' + "</outline>" * 200
    assert read(opml(deep))[0].tags == ("f",)


def test_each_source_is_written_as_one_folder():
    body = write(Subscription(f"https://pub.example/{name}", name, "The Pub") for name in "ba")
    folders = etree.fromstring(body).findall("body/outline")
    assert [(folder.get("text"), len(folder)) for folder in folders] == [("The Pub", 2)]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
NAME = TEXT.filter(lambda text: "/" not in text and text)
SUBSCRIPTIONS = st.builds(
    Subscription,
    url=TEXT.map(lambda tail: f"https://pub.example/{tail}"),
    title=TEXT,
    source=TEXT,
    homepage=st.just("") | TEXT.map(lambda tail: f"https://pub.example/{tail}"),
    tags=st.lists(NAME.filter(lambda text: "," not in text), max_size=3, unique=True).map(tuple),
)


@given(st.lists(SUBSCRIPTIONS))
def test_what_is_written_is_read_back(subscriptions):
    found = read(write(subscriptions))
    assert sorted(found, key=repr) == sorted(subscriptions, key=repr)


@given(st.binary())
def test_no_bytes_raise_anything_else(text):
    with suppress(OpmlError):
        assert isinstance(read(text), tuple)


@pytest.mark.parametrize("scheme", ["feed:http://", "feed://", "FEED:http://"])
def test_the_scheme_that_opens_a_reader_is_taken_off(scheme):
    (found,) = read(opml(f'<outline xmlUrl="{scheme}pub.example/rss"/>'))
    assert found.url == "http://pub.example/rss"
