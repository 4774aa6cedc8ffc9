"""Date words of SOQL: each names a half-open range of days, in UTC."""

from datetime import date, timedelta

_DAY = timedelta(days=1)
Days = tuple[date, date]


def named_days(word: str, count: int | None, today: date) -> Days | None:
    """Return first day and day after the last; None when there are no such days."""
    try:
        return _named(word, today) if count is None else _counted(word, count, today)
    except OverflowError:
        return None


def _named(word: str, today: date) -> Days | None:
    month = today.replace(day=1)
    week = today - timedelta(days=(today.weekday() + 1) % 7)
    year = date(today.year, 1, 1)
    ranges = {
        "TODAY": (today, today + _DAY),
        "YESTERDAY": (today - _DAY, today),
        "TOMORROW": (today + _DAY, today + 2 * _DAY),
        "THIS_WEEK": (week, week + 7 * _DAY),
        "LAST_WEEK": (week - 7 * _DAY, week),
        "NEXT_WEEK": (week + 7 * _DAY, week + 14 * _DAY),
        "THIS_MONTH": (month, _next_month(month)),
        "LAST_MONTH": ((month - _DAY).replace(day=1), month),
        "NEXT_MONTH": (_next_month(month), _next_month(_next_month(month))),
        "THIS_YEAR": (year, date(today.year + 1, 1, 1)),
        "LAST_YEAR": (date(today.year - 1, 1, 1), year),
        "LAST_90_DAYS": (today - 90 * _DAY, today + _DAY),
        "NEXT_90_DAYS": (today + _DAY, today + 91 * _DAY),
    }
    return ranges.get(word)


def _counted(word: str, count: int, today: date) -> Days | None:
    match word:
        case "LAST_N_DAYS":
            return today - count * _DAY, today + _DAY
        case "NEXT_N_DAYS":
            return today + _DAY, today + (count + 1) * _DAY
        case "N_DAYS_AGO":
            return today - count * _DAY, today - (count - 1) * _DAY
        case _:
            return None


def _next_month(month: date) -> date:
    return (month + 31 * _DAY).replace(day=1)
