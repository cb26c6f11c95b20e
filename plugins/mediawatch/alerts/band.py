"""What is usual: from the counts of the 28 days before a day, the value to expect of it and the band around that value.

In words: the usual value of a Tuesday is the median of the Tuesdays of the four weeks before. How far a day may well be
from it is learnt from the same 28 days: each of them is compared with the median of the *other* days of its weekday,
and the median of these distances (the MAD, scaled by 1.4826 to a standard deviation) is the spread. The band reaches
three spreads to either side.

* Distances are taken between the square roots of counts (3/8 added first, which keeps it true for small ones), because
  counts vary about as their square roots do: a quiet Sunday and a busy Tuesday then have one spread. By chance alone
  such a root varies by 0.5 (Poisson), so the spread is never below that: a usual 0 has the band 0 to 4, a usual 100 at
  least 72 to 132.
* Median and MAD do not follow an outlier: one day of a scandal neither lifts the usual value nor widens the band.
* A day on which nothing was seen at all (no poll, a fault) is *unknown*, not zero: leave it out or give None.
* Where fewer than three days of a weekday are known, all known days stand for it; below seven known days there is no
  band: it would be a guess.

References: for 1.4826 P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation" (1993); for the roots
F. J. Anscombe, "The Transformation of Poisson, Binomial and Negative-Binomial Data" (1948).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

DAYS = 28
LEAST_DAYS = 7
LEAST_OF_WEEKDAY = 3
WIDTH = 3.0
MAD_TO_DEVIATION = 1.4826
ADDED = 3 / 8
CHANCE = 0.5
"""Standard deviation of the square root of a Poisson count, with ADDED."""

Counts = Mapping[date, int | None]
"""day → how many; None, like a day that is not there, where nothing was seen."""


@dataclass(frozen=True)
class Band:
    """Counts from `low` to `high` are what may be expected of the day; `usual` is its middle; all ≥ 0, to a hundredth.

    `days` is how many known days it rests on, of 28.
    """

    usual: float
    low: float
    high: float
    days: int


def band(counts: Counts, day: date, *, width: float = WIDTH) -> Band | None:
    """The band of `day` from the 28 days before it; None below seven known days. What `counts` says of `day` itself
    and of later days is not looked at."""
    before = (day - timedelta(days=back) for back in range(1, DAYS + 1))
    roots = {each: sqrt(count + ADDED) for each in before if (count := counts.get(each)) is not None}
    if len(roots) < LEAST_DAYS:
        return None
    middle = _expected(roots, day)
    distances = [abs(root - _expected(roots, each)) for each, root in roots.items()]
    reach = width * max(CHANCE, MAD_TO_DEVIATION * median(distances))
    return Band(_count(middle), _count(middle - reach), _count(middle + reach), len(roots))


def bands(counts: Counts, since: date, until: date) -> list[tuple[date, int | None, Band | None]]:
    """(day, its count, its band) for each day from `since` to `until`, both included: what a chart draws."""
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [(day, counts.get(day), band(counts, day)) for day in days]


def _count(root: float) -> float:
    return round(max(0.0, max(0.0, root) ** 2 - ADDED), 2)


def _expected(roots: Mapping[date, float], day: date) -> float:
    """The median of the other days of this weekday; of all other days where too few of them are known."""
    others = {each: root for each, root in roots.items() if each != day}
    alike = [root for each, root in others.items() if each.weekday() == day.weekday()]
    return median(alike if len(alike) >= LEAST_OF_WEEKDAY else others.values())
