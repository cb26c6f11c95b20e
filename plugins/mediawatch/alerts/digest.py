"""The day in one message: what was published on each topic, beside what is usual, and what was missed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil
from typing import Any

from mediawatch.alerts.band import Band
from mediawatch.alerts.message import DIM, LINE, LINK, RED, Message, address, isolated, link, many, one_line, page, span

Facts = Mapping[str, Any]
BAR = 260
"""Width of the widest bar, in pixels."""


@dataclass(frozen=True)
class TopicDay:
    """A topic's day: articles and stories published on it, what is usual, and rows of sql/queries/digest.sql."""

    topic: str
    title: str
    articles: int
    stories: int
    usual: Band | None
    top: Sequence[Facts] = ()
    events: Sequence[Facts] = ()
    new_sources: Sequence[str] = ()


@dataclass(frozen=True)
class Digest:
    """A day: its topics, and how far its counts can be trusted.

    `share` of the feeds' time was watched; None without feeds. `ended`: failed, dropped and loaded entries and the
    commonest reasons; `gaps`: feeds that did not answer.
    """

    day: date
    zone: str
    topics: Sequence[TopicDay]
    share: float | None
    feeds: int
    feeds_missed: int
    gaps: Sequence[Facts]
    ended: Facts


def render(digest: Digest, desk_url: str) -> Message:
    """The message; links lead to the desk where its address is known, else to the publishers."""
    on = [each for each in digest.topics if each.articles]
    loud = [each for each in on if is_loud(each)]
    told = ", ".join(f"{each.title} {each.articles:,}" for each in (loud or on)[:3])
    what = told or "nothing on any topic"
    subject = one_line(f"mediawatch {digest.day}: {what}{' (more than usual)' if loud else ''}")
    return Message(subject, _text(digest, desk_url), page(subject, _html(digest, desk_url), escape(_foot(digest))))


def is_loud(each: TopicDay) -> bool:
    """More articles than the band reaches."""
    return each.usual is not None and each.articles > each.usual.high


# ---- words ---------------------------------------------------------------------------------------------------------


def _usual(each: TopicDay) -> str:
    if each.usual is None:
        return "too few days are known to say what is usual"
    low, high = ceil(each.usual.low), int(each.usual.high)
    band = f"usually {each.usual.usual:,.0f}, {low:,} to {high:,} may be expected"
    side = "more than usual: " if is_loud(each) else "less than usual: " if each.articles < each.usual.low else ""
    return side + band


def _carried(story: Facts) -> str:
    by = many(story["sources"], "publisher")
    agency = f", from {story['agency']}" if story["agency"] else ""
    more = story["all_articles"] - story["articles"]
    others = f", {more:,} more on other days" if more > 0 else ""
    return f"{many(story['articles'], 'article')} by {by}{agency}{others}"


def _trust(digest: Digest) -> list[str]:
    """How far the counts can be trusted, in sentences."""
    if digest.share is None:
        lines = ["No feed was watched on this day: its articles came by another way, and nothing says what is missing."]
    elif digest.share >= 0.995 and not digest.gaps:
        lines = [f"All of the time of {many(digest.feeds, 'feed')} was watched."]
    else:
        lines = [
            f"{digest.share:.1%} of the time of {many(digest.feeds, 'feed')} was watched; "
            f"{many(digest.feeds_missed, 'feed')} did not answer for a while. Counts are too low by what was missed."
        ]
    ended = digest.ended
    total = ended["failed"] + ended["dropped"] + ended["loaded"]
    if total:
        reasons = f" ({', '.join(ended['reasons'][:3])})" if ended["reasons"] else ""
        lines.append(
            f"Of {many(total, 'entry', 'entries')} that ended, {ended['loaded']:,} were loaded, "
            f"{ended['failed']:,} failed{reasons} and {ended['dropped']:,} were dropped by rule."
        )
    return lines


def _gap(gap: Facts) -> str:
    lost = "; entries may have been lost" if gap["possibly_missed"] else ""
    return f"{gap['source']}: {gap['missed_s'] / 3600:.1f} hours without an answer{lost}"


def _foot(digest: Digest) -> str:
    return (
        "Days are days of publication, as each page dates itself; the day ended by the clock of "
        f"{digest.zone}. What is usual comes from the same weekdays of the four weeks before."
    )


NOTHING = "Nothing was published on any topic, among what was seen."


# ---- plain text ----------------------------------------------------------------------------------------------------


def _text(digest: Digest, desk_url: str) -> str:
    lines = [f"{digest.day:%A}, {digest.day}", ""]
    lines += [line for each in digest.topics if each.articles for line in _topic_text(each, desk_url)]
    quiet = [each.title for each in digest.topics if not each.articles]
    if len(quiet) == len(digest.topics):
        lines += [NOTHING, ""]
    elif quiet:
        lines += [f"Nothing on: {', '.join(quiet)}", ""]
    lines += ["HOW FAR TO TRUST THESE COUNTS", *_trust(digest), *(f"* {isolated(_gap(gap))}" for gap in digest.gaps)]
    return "\n".join([*lines, "", "-- ", _foot(digest), ""])


def _topic_text(each: TopicDay, desk_url: str) -> list[str]:
    lines = [one_line(each.title).upper(), f"{many(each.articles, 'article')} in {_stories(each)}; {_usual(each)}"]
    lines.append(address(desk_url, f"topics/{each.topic}"))
    for story in each.top:
        lines += [f"* {isolated(story['title'])}", f"  {isolated(story['source'])}: {_carried(story)}"]
        lines.append(f"  {_of_story(story, desk_url)}")
    for event in each.events:
        lines.append(f"* New event: {isolated(event['title'])} ({many(event['sources'], 'publisher')})")
        lines += filter(None, [_indented(address(desk_url, f"events/{event['event_id']}"))])
    if each.new_sources:
        lines.append(f"New on it: {', '.join(map(isolated, each.new_sources))}")
    return [*filter(None, lines), ""]


def _stories(each: TopicDay) -> str:
    return many(each.stories, "story", "stories")


def _of_story(story: Facts, desk_url: str) -> str:
    return address(desk_url, f"stories/{story['story_id']}") or one_line(story["url"], 2_000)


def _indented(line: str) -> str:
    return f"  {line}" if line else ""


# ---- HTML ----------------------------------------------------------------------------------------------------------


def _html(digest: Digest, desk_url: str) -> str:
    on = [each for each in digest.topics if each.articles]
    most = max([1.0, *(max(each.articles, each.usual.high if each.usual else 0) for each in digest.topics)])
    parts = [
        f'<div style="color:{DIM};font-size:13px">mediawatch, the day</div>',
        f'<h1 style="font-size:24px;margin:2px 0 18px">{digest.day:%A}, {digest.day:%e %B %Y}</h1>',
        _bars(digest, most) if digest.topics else "",
        "" if on else f'<p style="font-size:16px">{NOTHING}</p>',
        *(_topic_html(each, desk_url) for each in on),
        _heading("How far to trust these counts"),
        *(f'<p style="margin:6px 0">{escape(line)}</p>' for line in _trust(digest)),
        _list(digest.gaps, lambda gap: link(address(desk_url, f"feeds/{gap['feed_id']}"), _gap(gap))),
    ]
    return "".join(parts)


def _bars(digest: Digest, most: float) -> str:
    """A row a topic: its count as a bar, the band behind it as a thin line, and the words."""
    rows = "".join(_bar(each, most) for each in digest.topics)
    return f'<table role="presentation" style="border-collapse:collapse;width:100%">{rows}</table>'


def _bar(each: TopicDay, most: float) -> str:
    colour = RED if is_loud(each) else LINK
    width = max(1, round(BAR * each.articles / most))
    bar = f'<div style="background:{colour};height:12px;width:{width}px;border-radius:2px"></div>'
    band = ""
    if each.usual:
        left, right = (round(BAR * end / most) for end in (each.usual.low, each.usual.high))
        place = f"margin:3px 0 0 {left}px;width:{max(2, right - left)}px"
        band = f'<div style="background:#aab4c0;height:4px;{place}"></div>'
    cell = "padding:7px 10px 7px 0;vertical-align:middle"
    return (
        f'<tr><td style="{cell};width:120px">{span(each.title)}</td>'
        f'<td style="{cell};text-align:right;font-weight:600;width:44px">{each.articles:,}</td>'
        f'<td style="{cell}">{bar}{band}<div style="color:{DIM};font-size:12px">{escape(_usual(each))}</div></td></tr>'
    )


def _topic_html(each: TopicDay, desk_url: str) -> str:
    def story(row: Facts) -> str:
        outlets = ", ".join((row["outlets"] or [])[:8])
        return (
            f"{link(_of_story(row, desk_url), row['title'], 'font-weight:600')}<br>"
            f'<span style="color:{DIM};font-size:13px">{span(row["source"])}: {escape(_carried(row))}'
            f"{': ' + span(outlets) if row['sources'] > 1 else ''}</span>"
        )

    def event(row: Facts) -> str:
        words = f"{many(row['sources'], 'publisher')}, {many(row['stories'], 'story', 'stories')}"
        return f"{link(address(desk_url, 'events/' + str(row['event_id'])), row['title'])} ({words})"

    lines = [
        _heading(link(address(desk_url, f"topics/{each.topic}"), each.title)),
        f'<p style="margin:4px 0">{many(each.articles, "article")} in {_stories(each)}; {escape(_usual(each))}.</p>',
        _list(each.top, story),
    ]
    if each.events:
        lines += [f'<p style="margin:10px 0 0;color:{DIM}">New events</p>', _list(each.events, event)]
    if each.new_sources:
        lines.append(f'<p style="margin:8px 0">New on it: {", ".join(map(span, each.new_sources))}</p>')
    return "".join(lines)


def _heading(inner: str) -> str:
    return f'<h2 style="font-size:17px;margin:26px 0 4px;border-top:1px solid {LINE};padding-top:18px">{inner}</h2>'


def _list(rows: Sequence[Facts], one: Callable[[Facts], str]) -> str:
    items = "".join(f'<li style="margin:8px 0">{one(row)}</li>' for row in rows)
    return f'<ul style="margin:6px 0;padding-left:20px">{items}</ul>' if rows else ""
