"""Two articles of a village paper and the feed that announces them, for tests that change them later."""

from __future__ import annotations

from small_site import HOME

MILL = [
    "The mill at Tarn burned for two hours on Monday morning, and nobody was hurt, the village's fire chief said.",
    "The owner, Ada Finch, said that 900 sacks of flour were lost and that she would begin to rebuild in the spring.",
    "Firemen came from three villages and pumped water out of the mill pond until the roof had fallen in.",
    "The mill has stood on the Tarn since 1781 and ground rye for the valley's bakers until last week.",
]
FERRY = [
    "The night ferry to Skarvoy will sail twice a week from May, its operator said on Tuesday after a year of talks.",
    "Islanders had asked for a third crossing, so that fishermen could reach the auction on Friday mornings.",
    "The operator, which lost money on the route last winter, will be paid by the county for each passenger.",
]

POND = [
    "Nineteen ducks have come back to the village pond, the school counted on Wednesday, six more than a year ago.",
    "Children of the fourth form feed them with peas, since bread makes the water turn green before the summer.",
    "A heron has been seen too; the teacher asked walkers to keep their dogs away from the reeds until July.",
]


def page(title: str, paragraphs: list[str], clock: str = "") -> bytes:
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:title" content="{title}">'
        '<meta property="article:published_time" content="2024-01-30T09:15:00+08:00"></head>'
        f"<body><nav>{clock}</nav><main><article><h1>{title}</h1>{body}</article></main></body></html>"
    ).encode()


def feed(*names: str, updated: str = "") -> bytes:
    items = "".join(
        f"<entry><id>{HOME}/{name}</id><title>{name}</title><link href='{HOME}/{name}'/>"
        f"<published>2024-01-30T01:15:00Z</published>{f'<updated>{updated}</updated>' if updated else ''}</entry>"
        for name in names
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Small</title>{items}</feed>'.encode()
