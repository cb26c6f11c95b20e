"""How bytes become text."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.articles.decode import decode

CHINESE = "中美在北京举行禁毒工作组会议，双方就芬太尼问题交换意见。"
RUSSIAN = "Представители двух стран встретились в Пекине и обсудили борьбу с наркотиками. " * 4
FRENCH = "Les représentants se sont réunis à Pékin — « une étape décisive », dit-il. " * 4


def _page(text: str, charset: str = "") -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        *((CHINESE, "gb18030", "gb2312"), (CHINESE, "gb18030", "GBK"), (CHINESE, "big5hkscs", "big5")),
        *(
            (CHINESE.replace("，", "、"), "utf-8", "utf-8"),
            (RUSSIAN, "koi8-r", "koi8-r"),
            (RUSSIAN, "cp1251", "windows-1251"),
        ),
        *((FRENCH, "cp1252", "iso-8859-1"), (FRENCH, "cp1252", "latin1"), ("会議を開いた", "cp932", "x-sjis")),
        *(("회의를 열었다 똠", "cp949", "euc-kr"), ("会議を開いた", "iso2022_jp", "iso-2022-jp")),
    ],
)
def test_a_declared_charset_is_read_as_browsers_read_it(text: str, codec: str, label: str) -> None:
    big5_has_no_simplified = codec == "big5hkscs"
    text = "中美兩國舉行會議" if big5_has_no_simplified else text
    assert text in decode(_page(text).encode(codec), f"text/html; charset={label}")
    assert text in decode(_page(text, label).encode(codec), "text/html")


@pytest.mark.parametrize("bom_codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_beats_what_is_declared(bom_codec: str) -> None:
    assert decode(_page(CHINESE).encode(bom_codec), "text/html; charset=iso-8859-1") == _page(CHINESE)
    assert decode(codecs.BOM_UTF16_BE + _page(CHINESE).encode("utf-16-be"), None) == _page(CHINESE)


def test_utf_8_under_a_latin_1_header_is_read_as_utf_8() -> None:
    assert FRENCH in decode(_page(FRENCH).encode(), "text/html; charset=ISO-8859-1")


def test_a_wrong_header_yields_to_the_meta_element() -> None:
    assert CHINESE in decode(_page(CHINESE, "gb2312").encode("gb18030"), "text/html; charset=utf-8")


def test_one_broken_byte_does_not_change_the_charset() -> None:
    body = _page(RUSSIAN, "utf-8").encode()
    assert RUSSIAN in decode(body[:-18] + b"\xd0" + body[-18:], "text/html; charset=utf-8")


def test_undeclared_text_is_detected() -> None:
    assert RUSSIAN in decode(_page(RUSSIAN).encode("cp1251"), "text/html")


@pytest.mark.parametrize("label", ["hex", "zlib", "no-such-charset", "utf-16", ""])
def test_a_label_that_names_no_charset_is_passed_over(label: str) -> None:
    assert FRENCH in decode(_page(FRENCH, label).encode(), f"text/html; charset={label}")


def test_nul_is_removed() -> None:
    assert decode(b"<p>a\x00b</p>", None) == "<p>ab</p>"


@given(
    st.binary(max_size=300), st.sampled_from([None, "text/html; charset=gbk", "text/html; charset=rot13", "charset="])
)
def test_any_bytes_become_text_without_nul(body: bytes, content_type: str | None) -> None:
    assert "\x00" not in decode(body, content_type)
