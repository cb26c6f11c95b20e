"""Messages: what comes from outside can neither add a header nor an element, nor turn the words around it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from lxml import html
from mediawatch.alerts.message import MOST, address, isolated, link, of_alerts, one_line

AT = datetime(2024, 1, 30, 9, 30, tzinfo=timezone.utc)


def alert(**more: Any) -> dict[str, Any]:
    one = {"alert_id": 1, "title": "sanctions: 41 articles", "why": "Usually 12.", "path": "topics/sanctions"}
    return one | {"rule": "busy", "note": "", "state": "firing", "first_at": AT, "resolved_at": None} | more


def test_a_title_cannot_add_a_header() -> None:
    message = of_alerts([alert(title="One\r\nBcc: everybody@example.org\r\n\r\nTwo\u2028Three")], "")
    assert message.subject == "mediawatch: One Bcc: everybody@example.org Two Three"


def test_a_title_cannot_add_an_element_or_a_dangerous_link() -> None:
    hostile = '<img src=x onerror=alert(1)><a href="javascript:x">&'
    message = of_alerts([alert(title=hostile, note=hostile, path='events/1"onmouseover="x')], "https://desk.example")
    page = html.fromstring(message.html)
    assert not page.xpath("//img | //script | //@onerror | //@onmouseover")
    assert page.xpath("//a/@href") == ['https://desk.example/events/1"onmouseover="x']
    assert hostile in page.text_content()
    assert "<a" not in link("javascript:alert(1)", "x")


def test_a_right_to_left_title_does_not_turn_the_words_around_it() -> None:
    title = "عقوبات جديدة"
    assert isolated(title) == f"\u2068{title}\u2069"
    assert isolated("plain") == "plain"
    assert 'dir="auto"' in of_alerts([alert(title=title)], "").html
    assert one_line("\u202eevil\u202c") == "evil"


def test_a_long_subject_is_cut_and_says_so() -> None:
    assert len(one_line("x" * 500)) == 160
    assert one_line("x" * 500).endswith("…")


def test_one_message_tells_of_all_alerts_and_what_to_do() -> None:
    more = alert(title="coverage is 80%", note="Is poll_feeds running?", path="feeds", state="resolved", resolved_at=AT)
    message = of_alerts([alert(), more], "https://desk.example/")
    assert message.subject == "mediawatch: sanctions: 41 articles (and 1 more)"
    for words in (
        "https://desk.example/topics/sanctions",
        "Usually 12.",
        "What to do: Is poll_feeds running?",
        "Rule busy: resolved, found 2024-01-30 09:30 UTC, over since 2024-01-30 09:30 UTC",
    ):
        assert words in message.text
    assert html.fromstring(message.html).xpath("//a/@href") == [
        "https://desk.example/topics/sanctions",
        "https://desk.example/feeds",
    ]


def test_a_flood_of_alerts_is_one_message_of_bounded_length() -> None:
    message = of_alerts([alert(title=f"feed {n}") for n in range(1_000)], "")
    assert "975 more are not shown here" in message.text
    assert message.text.count("Rule busy") == MOST


def test_without_an_address_of_the_desk_there_are_no_links() -> None:
    assert address("", "topics/x") == ""
    assert "<a" not in of_alerts([alert()], "").html
