"""Believable contacts: the same number and dice always make the same person."""

from random import Random

from sandbox.names import FORMS, INDUSTRIES, LOCALES, STEMS, TITLES, TRADES, Locale

Person = dict[str, str]
"""HubSpot contact properties by name."""

_STAGES = (
    *("subscriber",) * 26,
    *("lead",) * 38,
    *("marketingqualifiedlead",) * 10,
    *("salesqualifiedlead",) * 6,
    *("opportunity",) * 5,
    *("customer",) * 10,
    *("evangelist",) * 2,
    *("other",) * 3,
)
"""About 31 % are past *lead*, which is what the inclusion list asks for."""


def company_name(number: int) -> str:
    """Return the name of company *number*; they begin to repeat after some thousand."""
    stem = STEMS[number % len(STEMS)]
    trade = TRADES[number // len(STEMS) % len(TRADES)]
    form = FORMS[number // (len(STEMS) * len(TRADES)) % len(FORMS)]
    return f"{stem} {trade} {form}".strip()


def company_domain(number: int) -> str:
    """Return the web domain of company *number*; no two share one."""
    stem, trade = STEMS[number % len(STEMS)], TRADES[number // len(STEMS) % len(TRADES)]
    return f"{stem}-{trade}{number}.example".lower()


def person(number: int, dice: Random, *, companies: int) -> Person:
    """Return contact *number*, who works for one of *companies* companies."""
    roll = dice.random
    locale = LOCALES[int(roll() * len(LOCALES))]
    given, given_roman = locale.given[int(roll() * len(locale.given))]
    family, family_roman = locale.family[int(roll() * len(locale.family))]
    employer = int(roll() * companies)
    mailbox = f"{given_roman}.{family_roman}.{number}".lower()
    made = {
        "email": f"{mailbox}@{locale.tld}.{company_domain(employer)}",
        "firstname": given,
        "lastname": family,
        "company": company_name(employer),
        "lifecyclestage": _STAGES[int(roll() * len(_STAGES))],
    }
    if (chance := roll()) < 0.9:
        made["phone"] = f"{locale.dialling} {int(chance * 1e10) % 10**9:09d}"
    if roll() < 0.7:
        made["jobtitle"] = TITLES[int(roll() * len(TITLES))]
    if roll() < 0.4:
        made["salutation"] = locale.salutations[number % 2]
    if roll() < 0.6:
        made["industry"] = INDUSTRIES[employer % len(INDUSTRIES)]
        made["website"] = f"https://{company_domain(employer)}"
    _settle(made, locale, number, roll())
    return made


def _settle(made: Person, locale: Locale, number: int, chance: float) -> None:
    """Give most people an address, and nearly all a country."""
    if chance < 0.95:
        made["country"] = locale.country
    if chance < 0.75:
        city, state, code = locale.places[number % len(locale.places)]
        made["city"] = city
        made["state"] = state
        made["zip"] = str(code + number % 90)
        made["address"] = locale.street.format(n=number % 180 + 1)
