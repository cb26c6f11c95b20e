"""Rows of invented entries and articles, in the tables that the real stages write, by COPY."""

from __future__ import annotations

import io
import json
import random
from hashlib import sha256
from typing import Any

import million_texts as texts
import numpy as np
from mediawatch.store.database import Database
from million_plan import LANGUAGES, REASONS, TOPICS, Plan

COLUMNS = {
    "entry": (
        "entry_id, identity, source_id, url, host, title, claimed_at, first_seen_at, stage, status, reason, "
        "attempts, ready_at, batch_id, article_id, settled_at"
    ),
    "entry_announcement": "entry_id, feed_id, url, guid, announced_at, title",
    "outcome": "entry_id, stage, attempt, status, reason, detail, at, batch_id",
    "page": (
        "page_id, entry_id, url, http_status, content_type, fetched_at, elapsed_ms, size_bytes, sha256, "
        "warc_file, warc_offset, warc_length"
    ),
    "article": (
        "article_id, entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, "
        "language, language_confidence, word_count, authors, site_name, published_at, published_precision, "
        "published_origin, published_zone_min, claimed_at, first_seen_at, fetched_at, engine, origins, "
        "topics, story_id, loaded_at, section"
    ),
    "article_search_rows": "article_id, config, published_at, words",
    "article_topic": (
        "tag_id, tagging_id, article_id, topic_id, version, generation_id, level, score, text_sha256, tagged_at"
    ),
    "topic_evidence": (
        "tag_id, position, signal, term, matched, zone, start_at, end_at, sentence_start, sentence_end, weight"
    ),
    "syndication": "article_id, generation_id, agency, is_agency, evidence",
    "story_link": "article_a, article_b, generation_id, kind, score, shared, covered_a, covered_b, part, found_at",
    "refetch": (
        "article_id, host, due_at, why, checks, loaded_at, checked_at, removed_at, corrected_at, revised_at, revisions"
    ),
    "page_check": (
        "article_id, number, at, result, reason, http_status, size_bytes, sha256, warc_file, warc_offset, warc_length"
    ),
    "revision": (
        "article_id, version, check_number, generation_id, found_at, seen_before_at, kind, notice, "
        "title_was, title, text_was, share_changed, words_added, words_removed, diff"
    ),
    "article_change": "article_id, at, what, reason, version",
}
CONFIGS = {"en": "english", "es": "spanish", "de": "german", "fr": "french", "ru": "russian", "zh": "simple"}
CHUNK = 4_000
NULL = r"\N"
DAY = 86_400


def url_key(url: str) -> str:
    """As identity.url_key has it for a URL that is normal already; for COPY."""
    return r"\\x" + sha256(f"url\x1f{url}".encode()).hexdigest()[:32]


def esc(text: str) -> str:
    """For COPY's text format."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def at(seconds: float) -> str:
    """A time for COPY."""
    return str(np.datetime64(int(seconds), "s")) + "+00"


class Writer:
    """Collects rows and copies them in chunks; `ids` are generations and live taggings."""

    def __init__(self, url: str, plan: Plan, found: dict[str, texts.Material], ids: dict[str, Any]) -> None:
        self.db = Database(url, application="bench million")
        self.db.execute("set session_replication_role = replica; set synchronous_commit = off")
        self.plan, self.found, self.ids = plan, found, ids
        self.matcher = texts.matcher()
        self.rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self.languages = list(LANGUAGES)

    def add(self, table: str, *values: object) -> None:
        """A row."""
        self.rows[table].append("\t".join([NULL if v is None else str(v) for v in values]))

    def flush(self) -> None:
        """Copy what was collected."""
        with self.db.transaction(), self.db.cursor() as cursor:
            for table, rows in self.rows.items():
                if rows:
                    rows.append("")
                    cursor.copy_expert(f"copy {table} ({COLUMNS[table]}) from stdin", io.StringIO("\n".join(rows)))
                    rows.clear()

    def write(self, first: int, last: int) -> None:
        """Entries of these places, and their articles."""
        for place in range(first, last):
            self.entry(place)
            if place % CHUNK == CHUNK - 1:
                self.flush()
        self.flush()

    def entry(self, place: int) -> None:
        """All rows of one entry."""
        e = self.plan.entry
        entry, article, seen, why = place + 1, int(e["article"][place]), float(e["seen"][place]), int(e["why"][place])
        source = self.plan.sources[int(e["source"][place]) - 1]
        url = f"https://{source.host}/{np.datetime64(int(seen), 'D')!s}/{entry}.html"
        key, batch = url_key(url), place // 1250 + 1
        settled = float(self.plan.article["loaded"][article - 1]) if article else seen + 400
        if article:
            title = self.article(article, entry, url, key, source, settled)
            status, reason, led_to = "loaded", None, article
            for stage, before in (("fetch", 240), ("extract", 120), ("deduplicate", 60), ("tag", 20), ("load", 0)):
                self.add("outcome", entry, stage, 1, "ok", None, "", at(max(seen, settled - before)), batch)
        else:
            status, reason = REASONS[why]
            like = int(e["like"][place])
            story, event = (int(self.plan.article[c][like - 1]) for c in ("story", "event"))
            language = self.languages[int(self.plan.article["language"][like - 1])]
            title = esc(texts.headline(self.found[language], story, event).text)
            led_to = like if reason == "same_page" else None
            stage = (
                "poll"
                if reason == "no_url"
                else "extract"
                if reason in ("same_page", "no_text", "paywall", "list_page")
                else "fetch"
            )
            self.add(
                "outcome",
                entry,
                stage,
                0 if stage == "poll" else 1,
                status,
                reason,
                "",
                at(settled),
                batch if stage != "poll" else None,
            )
            if stage == "extract":
                self.add("outcome", entry, "fetch", 1, "ok", None, "", at(settled - 120), batch)
                self.page(entry, url, settled - 120)
        pending = seen > self.plan.end - 600 and not article
        if reason == "no_url":
            url = NULL
        self.add(
            "entry",
            entry,
            key,
            int(e["source"][place]),
            url,
            source.host,
            title,
            at(seen - 600),
            at(seen),
            "fetch" if pending else "done",
            "pending" if pending else status,
            None if pending else reason,
            1,
            at(seen),
            None if pending else batch,
            None if pending else led_to,
            None if pending else at(settled),
        )
        self.add("entry_announcement", entry, int(e["feed"][place]), url, entry, at(seen), title)

    def page(self, entry: int, url: str, fetched: float) -> tuple[object, ...]:
        """A page whose bytes lie nowhere; (status, size, digest, file, offset, length)."""
        kept = (
            200,
            40_000 + entry % 90_000,
            r"\\x" + f"{entry:064x}",
            f"{np.datetime64(int(fetched), 'D')!s}/batch-{entry // 1250}.warc.gz",
            entry % 1250 * 9_000,
            9_000,
        )
        self.add(
            "page", entry, entry, url, kept[0], "text/html; charset=utf-8", at(fetched), 180 + entry % 900, *kept[1:]
        )
        return kept

    def article(self, article: int, entry: int, url: str, key: str, source: Any, loaded: float) -> str:
        """All rows of one article; its title, for COPY."""
        own = {column: values[article - 1] for column, values in self.plan.article.items()}
        language, story, event = self.languages[int(own["language"])], int(own["story"]), int(own["event"])
        named = [topic for n, topic in enumerate(TOPICS) if int(own["topics"]) >> n & 1]
        head, paragraphs = texts.compose(self.found[language], language, story, event, named, int(own["copy"]))
        body = [s for p in paragraphs for s in p]
        text = texts.written(paragraphs, language)
        digest = r"\\x" + sha256(text.encode()).hexdigest()
        matches = (
            sorted(self.matcher.match(head.text, text, language), key=lambda m: (-m.score, m.topic)) if named else []
        )
        seen, published, dice = float(own["seen"]), float(own["published"]), (article * 2654435761 % 2**32) / 2**32
        precision = "day" if dice < 0.08 else "minute" if dice < 0.5 else "second"
        published -= published % DAY if precision == "day" else published % 60 if precision == "minute" else 0
        when = at(published) if dice < 0.99 else None
        zone = (
            None
            if precision == "day" or dice > 0.95
            else 0
            if dice < 0.4
            else -300
            if source.country == "US"
            else 480
            if language == "zh"
            else 60
        )
        title = esc(head.text)
        kept = self.page(entry, url, max(seen, loaded - 240))
        self.add(
            "article",
            article,
            entry,
            entry,
            int(own["source"]),
            self.ids["extract"],
            url,
            key,
            title,
            esc(text),
            digest,
            language,
            0.98,
            sum(s.words for s in body),
            "{}" if dice < 0.3 else f'{{"{texts.byline(int(own["source"]), article)}"}}',
            esc(source.name),
            when,
            when and precision,
            when and ("json-ld" if dice < 0.6 else "meta" if dice < 0.9 else "feed"),
            when and zone,
            at(seen - 600),
            at(seen),
            at(max(seen, loaded - 240)),
            "mediawatch",
            "{}",
            "{" + ",".join(f'"{m.topic}"' for m in matches) + "}",
            story,
            at(loaded),
            None,
        )
        self.add(
            "article_search_rows", article, CONFIGS[language], when, texts.vector(head, body).replace("\\", "\\\\")
        )
        self.tags(article, matches, digest, loaded)
        self.credit(article, own, source, dice)
        if int(own["copy"]):
            a, b = sorted((article, int(own["original"])))
            kind, score = ("exact", 1.0) if dice < 0.4 else ("cut", 0.93) if dice < 0.7 else ("edited", 0.86)
            self.add(
                "story_link",
                a,
                b,
                self.ids["deduplicate"],
                kind,
                score,
                60,
                score,
                score,
                "whole" if kind == "exact" else "beginning",
                at(loaded),
            )
        self.later(article, source.host, loaded, seen, kept, title, esc(text), dice)
        return title

    def tags(self, article: int, matches: Any, digest: str, loaded: float) -> None:
        """Tags, with the words that caused them."""
        for n, match in enumerate(matches):
            tag, (tagging, version) = article * 4 + n, self.ids["taggings"][match.topic]
            self.add(
                "article_topic",
                tag,
                tagging,
                article,
                match.topic,
                version,
                self.ids["tag"],
                match.level,
                match.score,
                digest,
                at(loaded - 20),
            )
            for position, e in enumerate(match.evidence):
                self.add(
                    "topic_evidence",
                    tag,
                    position,
                    e.signal,
                    esc(e.term),
                    esc(e.matched),
                    e.zone,
                    e.start,
                    e.end,
                    *e.sentence,
                    e.weight,
                )

    def credit(self, article: int, own: dict[str, Any], source: Any, dice: float) -> None:
        """The agency that it names, if it names one."""
        agency = int(own["agency"])
        if agency and (int(own["source"]) == agency or dice < 0.7):
            name, itself = self.plan.sources[agency - 1].name, int(own["source"]) == agency
            evidence = {"where": "source" if itself else "byline", "agency": name, "words": f"({name})"}
            self.add("syndication", article, self.ids["deduplicate"], name, itself, json.dumps([evidence]))

    def later(
        self,
        article: int,
        host: str,
        loaded: float,
        seen: float,
        kept: tuple[object, ...],
        title: str,
        text: str,
        dice: float,
    ) -> None:
        """What became of an article since: the schedule of its refetches, a check or two, revisions of some."""
        self.add("page_check", article, 0, at(max(seen, loaded - 240)), "first", None, *kept)
        checked, rng = min(loaded + 4 * 3600, self.plan.end - 60), random.Random(article)
        revised, removed = rng.random() < 0.03, rng.random() < 0.004
        due = at(self.plan.end + 9 * DAY) if loaded > self.plan.end - 80 * DAY else None
        if not (revised or removed):
            self.add("refetch", article, host, due, "the next of its rhythm", 0, at(loaded), None, None, None, None, 0)
            return
        kind = "correction" if rng.random() < 0.15 else "edit"
        self.add(
            "refetch",
            article,
            host,
            due,
            "the next of its rhythm",
            1,
            at(loaded),
            at(checked),
            at(checked) if removed else None,
            at(checked) if kind == "correction" and not removed else None,
            None if removed else at(checked),
            int(not removed),
        )
        if removed:
            self.add("page_check", article, 1, at(checked), "missing", "not_found", 404, None, None, None, None, None)
            self.add("article_change", article, at(checked), "removed", "not_found", None)
            return
        self.add("page_check", article, 1, at(checked), "revised", None, *kept)
        was = text[: max(40, len(text) * 9 // 10)].rstrip("\\")
        self.add(
            "revision",
            article,
            2,
            1,
            self.ids["extract"],
            at(checked),
            at(max(seen, loaded - 240)),
            kind,
            "Correction:" if kind == "correction" else None,
            title,
            title,
            was,
            0.08,
            24,
            0,
            "{+" + text[len(was) :][:400].rstrip("\\") + "+}",
        )
        self.add("article_change", article, at(checked), "revised", None, 2)
        if kind == "correction":
            self.add("article_change", article, at(checked), "corrected", None, 2)
