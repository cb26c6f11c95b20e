"""Stable ids: which of the regrouped stories keeps which id, and where the ids that are no longer used lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence


def keep_ids(groups: Sequence[Collection[int]], known: Mapping[int, int]) -> list[int | None]:
    """For each group of articles the story id that it keeps, or None for a new one; `known` is {article: story so far}.

    An id stays with the group that holds most of its articles; on a tie with the one of the smallest article.
    """
    claims = sorted(
        (-shared, story, min(group), index)
        for index, group in enumerate(groups)
        for story, shared in Counter(known[article] for article in group if article in known).items()
    )
    kept: list[int | None] = [None] * len(groups)
    used: set[int] = set()
    for _, story, _, index in claims:
        if kept[index] is None and story not in used:
            kept[index] = story
            used.add(story)
    return kept


def redirects(assigned: Mapping[int, int], known: Mapping[int, int]) -> dict[int, int]:
    """{id no longer used: story that most of its articles went to}; `assigned` is {article: story from now on}."""
    gone = set(known.values()) - set(assigned.values())
    return {
        story: min(
            Counter(assigned[a] for a, old in known.items() if old == story).items(), key=lambda i: (-i[1], i[0])
        )[0]
        for story in sorted(gone)
    }
