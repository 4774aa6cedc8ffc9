"""The shape of ``[alerts]``: whom to tell, of what, and when not."""

import re
from email.utils import getaddresses
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.validate import OneOf, Range, Regexp

from schemas.fields import SecretText, Whole
from schemas.section import AT_LEAST_ONE, SECONDS, SectionSchema, meaning
from schemas.settings import AlertSettings

FORMATS = ("slack", "json")
SECURITIES = ("starttls", "tls", "none")
_CLOCK = Regexp(r"(([01]\d|2[0-3]):[0-5]\d)?\Z", error="Must be a time of day such as 22:00.")
_SHARE = Range(min=0, max=1, min_inclusive=False)


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError("Must be a time zone such as Europe/Berlin.") from error


class AlertsSchema(SectionSchema):
    value = AlertSettings
    webhook_url = SecretText(
        validate=lambda secret: _address(secret.reveal()),
        metadata=meaning(
            "Where alerts are posted as JSON: an incoming webhook of Slack, or of what takes the "
            "same. Not set: nowhere.",
            secret=True,
        ),
    )
    webhook_format = fields.String(
        validate=OneOf(FORMATS),
        metadata=meaning('slack: {"text": ...}; json: guestlist/alert@1, for programs.'),
    )
    smtp_host = fields.String(
        metadata=meaning("Mail server that alerts are handed to. Not set: no mail.")
    )
    smtp_port = Whole(validate=Range(min=1, max=65_535), metadata=meaning("Its port."))
    smtp_security = fields.String(
        validate=OneOf(SECURITIES),
        metadata=meaning("starttls, tls (from the first byte, port 465), or none."),
    )
    smtp_user = fields.String(metadata=meaning("User name at the mail server, if it asks."))
    smtp_password = SecretText(metadata=meaning("Password at the mail server.", secret=True))
    mail_from = fields.String(
        validate=lambda text: _mailboxes(text, most=1), metadata=meaning("Sender of the mail.")
    )
    mail_to = fields.String(
        validate=lambda text: _mailboxes(text, most=20),
        metadata=meaning("Who gets it: addresses with commas between them."),
    )
    after_s = fields.Float(
        validate=Range(min=0, max=86_400),
        metadata=meaning("How long something has to last, or be over, before it is told."),
    )
    remind_hours = fields.Float(
        validate=Range(min=0, max=24 * 31),
        metadata=meaning("Told again while it lasts, so often; 0: once is enough."),
    )
    per_hour = Whole(
        validate=AT_LEAST_ONE,
        metadata=meaning("Messages in any hour; what is more waits, and goes into one."),
    )
    quiet_from = fields.String(
        validate=_CLOCK,
        metadata=meaning(
            "From this time of day on only what stops all syncing is told; the rest waits."
        ),
    )
    quiet_until = fields.String(validate=_CLOCK, metadata=meaning("Until this time of day."))
    time_zone = fields.String(
        validate=_zone,
        metadata=meaning("Of these times, such as Europe/Berlin."),
    )
    error_share = fields.Float(
        validate=_SHARE,
        metadata=meaning(
            "Part of the records looked at in the last hour (0 to 1) that may fail ..."
        ),
    )
    error_records = Whole(
        validate=AT_LEAST_ONE, metadata=meaning("... and so many may in any case.")
    )
    budget_share = fields.Float(
        validate=_SHARE,
        metadata=meaning("Part of a CRM's calls of the day (0 to 1) that may be used."),
    )
    silent_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("How long no worker, or no beat, may be heard of."),
    )

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """Half a way to tell somebody is a mistake."""
        problems: dict[str, list[str]] = {}
        host = data.get("smtp_host")
        if host:
            missing = [name for name in ("mail_from", "mail_to") if not data.get(name)]
            problems |= {name: ["Needed with smtp_host."] for name in missing}
        if data.get("smtp_password") and data.get("smtp_security") == "none":
            problems["smtp_security"] = ["A password needs starttls or tls."]
        if bool(data.get("quiet_from")) != bool(data.get("quiet_until")):
            name = "quiet_until" if data.get("quiet_from") else "quiet_from"
            problems[name] = ["Quiet hours need both ends."]
        if problems:
            raise ValidationError(problems)


def _address(url: str) -> None:
    if url and not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", url):
        raise ValidationError("Must be an http address without a password in it.")


def _mailboxes(text: str, *, most: int) -> None:
    found = getaddresses([text]) if text else []
    bad = [address for _, address in found if not re.fullmatch(r"[^\s@]+@[^\s@]+", address)]
    if bad or len(found) > most or not text.isprintable():
        raise ValidationError("Must be an e-mail address." if most == 1 else "Must be addresses.")
