"""One record: did it sync, and if not, why; and what both sides hold."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.web import looks
from console.web.callers import caller
from console.web.guard import needs
from console.web.restoring import restore as bring_back
from console.web.site import Site, site
from console.words import planned_words
from guestlist.connectors.hubspot.account import Account
from guestlist.domain.errors import Missing
from guestlist.domain.explain import describe
from guestlist.domain.outcome import Outcome
from guestlist.domain.reference import read_reference
from guestlist.domain.role import Role
from guestlist.domain.settle import planned_outcome
from guestlist.engine import launch
from guestlist.engine.explain import Explained, explain
from guestlist.engine.naming import by_name, called
from guestlist.engine.sides import Pair, sides
from guestlist.store import conflicts

records = Blueprint("records", __name__)

_SHARED_LOGINS = {"login.salesforce.com", "test.salesforce.com"}
LONGEST = 500
CONFLICTS = 20


@records.get("/records")
@needs(Role.VIEWER)
def show() -> str | tuple[str, int]:
    """Explain the record that is asked for, from both CRMs as they are now."""
    here, name = site(), site().object()
    text = request.args.get("q", "").strip()[:LONGEST]
    if not text:
        return render_template("record.html", q="", told=None, name=name)
    try:
        told = explain(here.connected, name, text)
    except Missing as missing:
        return _not_found(here, name, text, missing)
    with here.database.read() as conn:
        lost = conflicts.page(conn, name, key=told.key, limit=CONFLICTS)
    pair = sides(here.connected, name, told.key, told.twin)
    return render_template(
        "record.html",
        q=text,
        name=name,
        told=told,
        called=called(_values(pair)),
        conflicts=lost,
        verdict=_verdict(told),
        outcome=planned_outcome(told.decision)[0],
        describe=describe,
        planned_words=planned_words,
        pair=pair,
        hubspot_page=_hubspot_page(here, name, told.key),
        salesforce_page=_salesforce_page(here, told.twin),
    )


def _not_found(here: Site, name: str, text: str, missing: Missing) -> tuple[str, int]:
    """Say that nothing is called so; or, of words that are no id, who is called so."""
    named = by_name(here.connected, name, text) if read_reference(text) is None else []
    told = "" if named else str(missing)
    page = render_template("record.html", q=text, told=None, missing=told, named=named, name=name)
    return page, 200 if named else 404


@records.post("/records/<key>/sync")
@needs(Role.OPERATOR)
def sync(key: str) -> Response:
    """Look at one record now; it still has to pass the gate."""
    here = site()
    run = launch.start_records(here.connected, here.object(), [key], by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


@records.post("/conflicts/<int(max=9007199254740991):conflict_id>/restore")
@needs(Role.OPERATOR)
def restore(conflict_id: int) -> Response:
    """Give both sides the value that lost; the record still has to pass the gate."""
    run = bring_back(site(), conflict_id, by=caller().who)
    return redirect(url_for("runs.show", run_id=run.id), 303)


def _values(pair: Pair) -> dict[str, str | None]:
    """Return the mapped values by HubSpot's names, Salesforce's where HubSpot has none."""
    return {each.hubspot: each.values.hubspot or each.values.salesforce for each in pair.fields}


def _verdict(told: Explained) -> tuple[str, str]:
    """Return the answer in a few words, and its colour."""
    outcome = planned_outcome(told.decision)[0]
    match outcome:
        case Outcome.UNCHANGED:
            return "In step", "good"
        case Outcome.CREATED | Outcome.UPDATED:
            return "Passes; not in step yet", "busy"
        case Outcome.FAILED:
            return "Can not be written", "bad"
        case _:
            return "Not synced", "bad" if not describe(told.reason).retried else "warn"


def _hubspot_page(here: Site, name: str, key: str) -> str | None:
    account: Account | None = here.pulse.value(looks.HUBSPOT)
    if account is None or not account.ui_domain:
        return None
    type_id = here.loaded.settings.objects[name].hubspot_type_id
    return f"https://{account.ui_domain}/contacts/{account.portal_id}/record/{type_id}/{key}"


def _salesforce_page(here: Site, twin: tuple[str, str] | None) -> str | None:
    parts = urlsplit(here.loaded.settings.salesforce.login_url)
    if twin is None or parts.scheme != "https" or parts.hostname in _SHARED_LOGINS:
        return None
    return f"https://{parts.netloc}/{twin[1]}"
