"""A message in its forms: one document, told as text, as Slack takes it, or as mail.

No person is named in any of them: troubles are of objects, CRMs and lists.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from guestlist.domain.alert import Notice, Word

Document = Mapping[str, Any]
SCHEMA = "guestlist/alert@1"
_WORDS = {
    Word.BEGAN.value: "Alert",
    Word.LASTS.value: "Still",
    Word.OVER.value: "Over",
    "test": "Test",
}


def document(
    notices: Sequence[Notice], *, environment: str, url: str, now: datetime
) -> dict[str, Any]:
    """Return a message as JSON values: what programs get, and what the other forms are made of."""
    return {
        "schema": SCHEMA,
        "environment": environment,
        "at": _iso(now),
        "url": url,
        "notices": [
            {
                "word": each.word.value,
                "kind": each.kind.value,
                "subject": each.subject,
                "said": each.said,
                "fix": each.fix,
                "since": _iso(each.since),
            }
            for each in notices
        ],
    }


def trial(*, environment: str, url: str, who: str, now: datetime) -> dict[str, Any]:
    """Return the message that shows that messages arrive."""
    told = {
        "word": "test",
        "kind": "test",
        "subject": "",
        "said": f"this message was asked for by {who}; nothing is wrong",
        "fix": "",
        "since": _iso(now),
    }
    return {**document((), environment=environment, url=url, now=now), "notices": [told]}


def headline(message: Document) -> str:
    """Return a mail's subject, on one line."""
    notices = message["notices"]
    first = f"{_WORDS[notices[0]['word']]}: {notices[0]['said']}"
    more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
    return " ".join(f"[guestlist {message['environment']}] {first}{more}".split())[:200]


def text(message: Document) -> str:
    """Return the message for people: a line for each notice, and what to do about it."""
    parts = [_line(each) for each in message["notices"]]
    footer = f"guestlist, {message['environment']}"
    if message["url"]:
        footer += f": {message['url']}"
    return "\n".join([*parts, "", footer])


def slack(message: Document) -> dict[str, str]:
    """Return what an incoming webhook of Slack takes; three characters mean something to it."""
    told = text(message)
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        told = told.replace(character, escaped)
    return {"text": told}


def _line(notice: Mapping[str, str]) -> str:
    line = f"{_WORDS[notice['word']]}: {notice['said']}"
    if notice["word"] == "test":
        return f"{line}."
    since = f" Since {notice['since']}."
    if notice["word"] == Word.OVER.value:
        return f"{line}.{since}"
    return f"{line}.{since}\n  What to do: {notice['fix']}"


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
