"""How much of a reading hangs on one kind of mark-up: bodies, titles and days of pages that lost it.

python extract_robust.py DIR [LOSS...]     DIR as `mediawatch evaluate extraction` wants it; all losses without names
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import machine
import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from mediawatch.articles.decode import decode
from mediawatch.articles.extract import extract
from mediawatch.articles.tree import parse
from mediawatch.evaluate.extraction import TRUTH, Labelled, Score, labelled, predicted, score, summary, task
from mediawatch.evaluate.shingles import Overlap, mean, overlap
from mediawatch.models import ExtractTask

Loss = Callable[[HtmlElement], None]
PLAIN = frozenset(("article", "main", "section", "aside", "nav", "header", "footer", "figure", "figcaption", "time"))
WORST = 5


def without(path: str) -> Loss:
    """Takes the elements of an XPath out, and leaves what follows them."""
    find = etree.XPath(path)

    def lose(tree: HtmlElement) -> None:
        for element in find(tree):
            element.drop_tree()

    return lose


def plain_tags(tree: HtmlElement) -> None:
    """Every tag that means something becomes a div."""
    for element in tree.iter(*PLAIN):
        element.tag = "div"


def opaque_names(tree: HtmlElement) -> None:
    """Classes and ids become digests: equal ones stay equal. What else tells names goes."""
    for element in tree.iter(etree.Element):
        for key in list(element.attrib):
            if key in ("class", "id"):
                words = element.get(key).split()
                element.set(key, " ".join("x" + sha256(word.encode()).hexdigest()[:8] for word in words))
            elif key.startswith(("data-", "aria-")) or key in ("role", "itemprop", "itemtype", "rel", "title"):
                del element.attrib[key]


def headless(tree: HtmlElement) -> None:
    """No heading is one."""
    for element in tree.iter("h1", "h2", "h3"):
        element.tag = "div"


def all_of(*losses: Loss) -> Loss:
    """One after the other."""

    def lose(tree: HtmlElement) -> None:
        for each in losses:
            each(tree)

    return lose


def nothing(tree: HtmlElement) -> None:
    """The page as it is, written out again."""


SCRIPTS, META = without("//script[@type='application/ld+json']"), without("//head//meta[not(@charset)]")
LOSSES: dict[str, Loss] = {
    "nothing": nothing,
    "JSON-LD": SCRIPTS,
    "meta": META,
    "JSON-LD and meta": all_of(SCRIPTS, META),
    "article, main, aside, …": plain_tags,
    "headings": headless,
    "names": opaque_names,
    "names and tags": all_of(opaque_names, plain_tags),
    "all of these": all_of(SCRIPTS, META, opaque_names, plain_tags),
}


def peer(page: ExtractTask, label: Labelled) -> str:
    """trafilatura in the mode that does best on whole pages."""
    document = trafilatura.bare_extraction(
        decode(page.body, page.content_type), url=label.url, include_comments=False, favor_precision=True
    )
    return (document.text if isinstance(document, trafilatura.settings.Document) else None) or ""


def main(folder: Path, names: list[str]) -> None:
    """Print the table, and to stderr the pages that lose most."""
    pages = [(label, task(folder, label)) for label in labelled(folder / TRUTH)]
    before: dict[str, float] = {}
    rows = []
    for name in names or LOSSES:
        scores, theirs = [], []
        for label, page in pages:
            bare = lost(page, LOSSES[name])
            scores.append(score(label, predicted(label, extract(bare))))
            theirs.append((label, overlap(peer(bare, label), label.texts)))
        rows.append(row(name, scores, theirs))
        before = before or {each.page.id: f1(each) for each in scores}
        for each in sorted(scores, key=lambda each: f1(each) - before[each.page.id])[:WORST]:
            print(f"{name}: {before[each.page.id]:.3f} → {f1(each):.3f} {each.page.id}", file=sys.stderr, flush=True)
    sets = [*dict.fromkeys(label.set for label, _ in pages)]
    head = (
        "what the pages lose",
        *(f"F1 {name}" for name in sets),
        "F1",
        "trafilatura",
        "title",
        "near",
        "day",
        "empty",
    )
    machine.print_table("Extraction of pages that lost something", head, rows, f"{len(pages)} pages.")


def lost(page: ExtractTask, loss: Loss) -> ExtractTask:
    """The page without it."""
    tree = parse(decode(page.body, page.content_type))
    assert tree is not None
    loss(tree)
    return replace(page, body=etree.tostring(tree, method="html", encoding="utf-8"))


def f1(found: Score) -> float:
    """The body's, 0 to 1."""
    return (found.body.f1 if found.body else None) or 0.0


def row(name: str, scores: list[Score], theirs: list[tuple[Labelled, Overlap]]) -> list[str]:
    """One loss's line."""
    every = summary(scores, 0.0)
    sets = [*dict.fromkeys(each.page.set for each in scores)]
    bodies = [summary([each for each in scores if each.page.set == one], 0.0)["body"]["f1"] for one in sets]
    peers = mean([found for _, found in theirs]).f1
    values = (
        *bodies,
        every["body"]["f1"],
        peers,
        *(every[key] for key in ("title_exact", "title_near", "day", "errors")),
    )
    return [name, *(f"{value:.3f}" for value in values)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the peer
    main(Path(sys.argv[1]), sys.argv[2:])
