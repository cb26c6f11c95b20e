"""A written date, in any of the ways that pages write one, to a Moment."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from mediawatch.models import Moment

UTC = timezone.utc

MONTHS: dict[str, int] = {
    name: month
    for month, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene janeiro gennaio gen januari stycznia января янв січня "
            "ocak",
            "february feb februar fév févr février febrero fevereiro fev febbraio februari lutego февраля фев лютого "
            "şubat",
            "march mar märz mär mrz mars marzo março maart mrt marca марта мар березня mart",
            "april apr avril avr abril abr aprile kwietnia апреля апр квітня nisan",
            "may mai mayo maio mag maggio mei maja maj мая травня mayıs",
            "june jun juni juin junio junho giugno giu czerwca июня июн червня haziran",
            "july jul juli juil juillet julio julho luglio lug lipca июля июл липня temmuz",
            "august aug août aou agosto ago augustus augusti sierpnia августа авг серпня ağustos",
            "september sep sept septembre septiembre setiembre setembro set settembre września сентября сен "
            "вересня eylül",
            "october oct oktober okt octobre octubre outubro out ottobre ott października октября окт жовтня ekim",
            "november nov novembre noviembre novembro listopada ноября ноя листопада kasım",
            "december dec dezember dez décembre déc diciembre dic dezembro dicembre grudnia декабря дек грудня aralık",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months as they stand in dates, lower-case: en de fr es pt it nl sv da no pl ru uk tr."""

ZONES = {
    **{"z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
    **{"cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9},
}
"""Zone names that mean one thing only, in hours east of UTC. Others (BST, CST, IST) are read as no zone."""

DAY = (
    r"(?:(?P<y1>\d{4})(?P<sep>[-/.])(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})(?!\d)"
    r"|(?P<d2>\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s(?:de\s|of\s)?(?P<w2>[^\W\d_]{3,12})\.?,?\s(?:de\s|del\s)?(?P<y2>\d{4})(?!\d)"
    r"|(?P<w3>[^\W\d_]{3,12})\.?\s(?P<d3>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<y3>\d{4})(?!\d)"
    r"|(?P<d4>\d{1,2})\.\s?(?P<m4>\d{1,2})\.\s?(?P<y4>\d{4})(?!\d)"
    r"|(?P<a5>\d{1,2})(?P<sep5>[/-])(?P<b5>\d{1,2})(?P=sep5)(?P<y5>\d{4})(?!\d)"
    r"|(?P<y6>\d{4})\s?[年년]\s?(?P<m6>\d{1,2})\s?[月월]\s?(?P<d6>\d{1,2})\s?[日일])"
)
"""A full date with a year, in figures or with the name of the month."""
CLOCK = (
    r"(?:(?:T|\s?[,|·•–-]?\s?(?:at\s|um\s|às\s|à\s|a las\s|kl\.?\s|в\s)?)"
    r"(?P<hour>\d{1,2})(?::|h|\.)(?P<minute>\d{2})(?!\d)"
    r"(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s?(?:Uhr|hrs?|h)\b)?(?:\s?\(?(?P<zone>Z|[+-]\d{2}:?(?:\d{2})?|[A-Z]{3,4}\b))?)?"
)
WRITTEN = re.compile(DAY + CLOCK)
WEEKDAY = re.compile(r"^\W*(?:[^\W\d_]{2,13}\.?,?\s+)?(?=\d|[^\W\d_]{3,12}\.?\s\d)")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?")
EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def read(raw: str, origin: str, near: datetime | None = None) -> Moment | None:
    """The moment that the whole of `raw` writes; None if it writes none, or an impossible or ambiguous one.

    A time without a zone is read as UTC. Midnight is how systems without a clock write a day, and is read as one.
    Of two readings (02/03/2024) the last one that is not after `near` is taken; without `near`, none.
    """
    raw = " ".join(raw.split())
    if not raw or len(raw) > 80:
        return None
    if EPOCH.fullmatch(raw):
        return Moment(datetime.fromtimestamp(int(raw[:10]), UTC), "second", origin, zoned=True)
    if compact := COMPACT.fullmatch(raw):
        year, month, day, hour, minute, second, zone = compact.groups()
        return _built((int(year), int(month), int(day)), hour, minute, second, zone, origin)
    begin = WEEKDAY.match(raw)
    found = WRITTEN.match(raw) or (WRITTEN.match(raw, begin.end()) if begin else None)
    return written(found, origin, near) if found else None


def written(found: re.Match[str], origin: str, near: datetime | None = None) -> Moment | None:
    """The moment of a `WRITTEN` match; None if it is no day of the calendar or can be read as two."""
    day = _day(found.groupdict(), near)
    if day is None:
        return None
    hour = found["hour"]
    if hour and found["half"]:
        hour = str(int(hour) % 12 + (12 if found["half"] == "p" else 0))
    return _built(day, hour, found["minute"], found["second"], found["zone"], origin)


def _day(part: dict[str, str | None], near: datetime | None) -> tuple[int, int, int] | None:
    for year, month, day in (("y1", "m1", "d1"), ("y4", "m4", "d4"), ("y6", "m6", "d6")):
        if part[year]:
            return _numbers(part[year], part[month], part[day])
    for year, month, day in (("y2", "w2", "d2"), ("y3", "w3", "d3")):
        if part[year]:
            number = MONTHS.get((part[month] or "").lower())
            return _numbers(part[year], str(number), part[day]) if number else None
    return _in_figures(part, near)


def _in_figures(part: dict[str, str | None], near: datetime | None) -> tuple[int, int, int] | None:
    year, first, second = _numbers(part["y5"], part["a5"], part["b5"])
    if first > 12 or first == second:
        return year, second, first
    if second > 12:
        return year, first, second
    if near is None:
        return None
    readings = ((year, second, first), (year, first, second))
    return max((each for each in readings if each <= (near.year, near.month, near.day)), default=None)


def _numbers(*parts: str | None) -> tuple[int, int, int]:
    year, month, day = (int(part or 0) for part in parts)
    return year, month, day


def _built(
    day: tuple[int, int, int], hour: str | None, minute: str | None, second: str | None, zone: str | None, origin: str
) -> Moment | None:
    try:
        midnight = datetime(*day, tzinfo=UTC)
        if hour is None or (int(hour), int(minute or 0), int(second or 0)) == (0, 0, 0):
            return Moment(midnight, "day", origin)
        offset = _zone(zone)
        at = midnight.replace(hour=int(hour), minute=int(minute or 0), second=int(second or 0), tzinfo=offset or UTC)
    except ValueError:
        return None
    return Moment(at, "second" if second else "minute", origin, zoned=offset is not None)


WIDEST_ZONE = timedelta(hours=14)


def _zone(zone: str | None) -> timezone | None:
    """None where no zone is written, or one that may be several."""
    zone = (zone or "").lower()
    if zone[:1] not in ("+", "-"):
        return timezone(timedelta(hours=ZONES[zone])) if zone in ZONES else None
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > WIDEST_ZONE:
        raise ValueError(f"no zone is {zone} from UTC")
    return timezone(-offset if zone[0] == "-" else offset)
