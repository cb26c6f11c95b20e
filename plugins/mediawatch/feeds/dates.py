"""Dates as feeds write them: RFC 822 and its misspellings, ISO 8601, and the few local habits that are unambiguous."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

EARLIEST_YEAR = 1990
LATEST_YEAR = 2100

# Not those that neighbours use for different months: lip and listopad are July and November in Poland, June and
# October in Croatia.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero janeiro gennaio ene janv gen янв января stycznia sty ocak oca",
            "feb february februar février fevrier febrero fevereiro febbraio févr fevr fev "
            "фев февраля lutego lut şubat şub",
            "mar march märz maerz mars marzo março marco mär mrz мар марта marca mart",
            "apr april avril abril aprile avr abr апр апреля kwietnia kwi nisan nis",
            "may mai mayo maio maggio mag мая май maja maj mayıs",
            "jun june juni juin junio junho giugno giu июн июня czerwca cze haziran haz",
            "jul july juli juillet julio julho luglio juil lug июл июля lipca temmuz tem",
            "aug august août aout agosto ago авг августа sierpnia sie ağustos ağu",
            "sep september sept septembre septiembre setembro settembre set сен сент сентября września wrz eylül eyl",
            "oct october oktober octobre octubre outubro ottobre okt out ott окт октября października paź ekim eki",
            "nov november novembre noviembre novembro ноя нояб ноября kasım kas",
            "dec december dezember décembre decembre diciembre dezembro dicembre dez déc dic "
            "дек декабря grudnia gru aralık ara",
        ),
        start=1,
    )
    for name in names.split()
}

# RFC 822 names the first line; the others are those seen in feeds, read as their most usual meaning (IST: India).
_ZONE_HOURS = {
    name: float(hours)
    for name, _, hours in (
        pair.partition("=")
        for line in (
            "ut=0 gmt=0 utc=0 z=0 est=-5 edt=-4 cst=-6 cdt=-5 mst=-7 mdt=-6 pst=-8 pdt=-7",
            "akst=-9 akdt=-8 hst=-10 ast=-4 adt=-3 nst=-3.5 ndt=-2.5 art=-3 brt=-3 clt=-4",
            "wet=0 west=1 bst=1 cet=1 cest=2 mez=1 mesz=2 eet=2 eest=3 msk=3 trt=3 sast=2",
            "ist=5.5 pkt=5 npt=5.75 ict=7 wib=7 hkt=8 sgt=8 pht=8 awst=8 jst=9 kst=9",
            "acst=9.5 acdt=10.5 aest=10 aedt=11 nzst=12 nzdt=13",
        )
        for pair in line.split()
    )
}

_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9})\d*)?)?"
_CLOCK += r"(?:\s*(?P<half>[AaPp])\.?[Mm]\b\.?)?"
_ZONE = r"(?:\s*\(?(?P<zone>(?:GMT|UTC?)?\s?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,5})\)?)?(?:\s*\([^)]{0,40}\))?"
_TIME = rf"(?:[\sT,]+(?:at\s+|um\s+|à\s+|-\s+)?{_CLOCK}{_ZONE})?"
_WEEKDAY = r"(?:[^\W\d_]{1,12}\.?(?:,\s*|\s+))?"
_WORD = r"(?P<month>[^\W\d_]{3,12})\.?"

_FORMS = tuple(
    re.compile(form + r"\s*\Z", re.IGNORECASE)
    for form in (
        # 2024-01-30T09:15:00.5+08:00, 2024/1/30 9:15, 2024-01-30
        rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}",
        # 20240130T091500Z, 20240130
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE})?",
        # Tue, 30 Jan 2024 09:15:00 +0800; Di, 30. Januar 2024 09:15 MEZ; 30-Jan-24
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?{_WORD}[\s,-]+(?:de\s+)?(?P<year>\d{{4}}|\d\d)"
        + _TIME,
        # January 30, 2024 9:15 PM; Tue Jan 30 2024 09:15:00 GMT+0800 (China Standard Time)
        rf"{_WEEKDAY}{_WORD}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}",
        # Tue Jan 30 09:15:00 CST 2024
        rf"{_WEEKDAY}{_WORD}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})",
        # 30.01.2024 09:15: with dots the day comes first, with slashes nobody can know, unless it is after the 12th
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}(?P<day>1[3-9]|[23]\d)/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}(?P<month>\d{{1,2}})/(?P<day>1[3-9]|[23]\d)/(?P<year>\d{{4}}){_TIME}",
        # 2024年1月30日 09:15
        rf"(?P<year>\d{{4}})\s?年\s?(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?日\s*(?:{_CLOCK}{_ZONE})?",
    )
)
_EPOCH = re.compile(r"\d{10}(\d{3})?\Z", re.ASCII)
_LONGEST = 80


def read_date(raw: str | None) -> datetime | None:
    """An aware datetime in the zone that the text states (UTC if it states none), or None.

    None too for what cannot be read and for years outside 1990-2100. A date without a time is its midnight.
    """
    text = (raw or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        found = _from_epoch(text) if _EPOCH.match(text) else _from_forms(text)
    except (ValueError, OverflowError):
        return None
    return found if found and EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


def _from_epoch(text: str) -> datetime:
    return datetime.fromtimestamp(int(text[:10]), timezone.utc)


def _from_forms(text: str) -> datetime | None:
    for form in _FORMS:
        match = form.match(text)
        if match:
            return _assemble({key: value for key, value in match.groupdict().items() if value})
    return None


def _assemble(part: dict[str, str]) -> datetime | None:
    month = _month(part["month"])
    zone = _zone(part.get("zone", ""))
    if month is None or zone is None:
        return None
    day = datetime(_year(part["year"]), month, int(part["day"]), tzinfo=zone)
    seconds = min(int(part.get("second", 0)), 59)  # a leap second is written 60
    minute = int(part.get("minute", 0))
    if minute > 59 or int(part.get("second", 0)) > 60:
        return None
    fraction = int(part.get("fraction", "0")[:6].ljust(6, "0"))
    return day + timedelta(hours=_hour(part), minutes=minute, seconds=seconds, microseconds=fraction)


def _month(text: str) -> int | None:
    number = int(text) if text.isdigit() else _MONTHS.get(text.casefold())
    return number if number and 1 <= number <= 12 else None


def _year(text: str) -> int:
    """Two digits as RFC 2822 reads them (section 4.3)."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 50 else 1900)


def _hour(part: dict[str, str]) -> int:
    hour = int(part.get("hour", 0))
    half = part.get("half", "").lower()
    if half and not 1 <= hour <= 12 and not (half == "p" and hour < 24):
        raise ValueError(f"no such hour: {hour} {half}m")
    if hour > 24:
        raise ValueError(f"no such hour: {hour}")
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _zone(text: str) -> timezone | None:
    """UTC for an empty or unknown name; None for an offset that no place has (Postgres takes none beyond 16 hours)."""
    text = re.sub(r"^(?:gmt|utc?)\s?(?=[+-])", "", text.strip().lower())
    match = re.match(r"([+-])(\d{1,2}):?(\d{2})?\Z", text)
    if match is None:
        return timezone(timedelta(hours=_ZONE_HOURS.get(text, 0)))
    minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
    if minutes >= 16 * 60 or int(match.group(3) or 0) > 59:
        return None
    return timezone(timedelta(minutes=minutes if match.group(1) == "+" else -minutes))
