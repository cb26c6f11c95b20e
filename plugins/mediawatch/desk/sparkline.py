"""A row of small numbers as a small picture; the numbers themselves stand beside it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH = 112
HEIGHT = 24


def sparkline(values: Sequence[int]) -> Markup:
    """Bars from the first to the last value, the highest as high as the picture."""
    highest, step = max(values, default=0) or 1, WIDTH / max(1, len(values))
    bars = [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            place * step, HEIGHT - size, step * 0.72, size
        )
        for place, value in enumerate(values)
        if (size := max(1.0, value / highest * HEIGHT) if value else 0)
    ]
    opening = Markup('<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">')
    return opening.format(WIDTH, HEIGHT, WIDTH, HEIGHT) + Markup().join(bars) + Markup("</svg>")
