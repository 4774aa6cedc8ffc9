"""The settings page, ``.env.example`` and ``guestlist.example.toml``, made from the schemas.

``python -m worker.reference`` rewrites them in the current folder; ``guestlist init`` writes the
last two for an installation.
"""

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from textwrap import fill

from schemas.settings import Settings
from schemas.variables import Variable, as_text, object_variables, variables
from worker.sources import READ_ELSEWHERE, packaged_objects

BEGIN, END = "<!-- settings: made by python -m worker.reference -->", "<!-- /settings -->"

SECTION_MEANINGS = {
    "lanes.interactive": "For a person or a webhook that waits.",
    "lanes.changes": "For records that changed in either CRM.",
    "lanes.bulk": "For runs over whole lists.",
    "lanes.upkeep": "For enumerating and tidying up.",
    "guards": "When not to write.",
    "retries": "How long and how often to try again; waits double, with jitter.",
    "flow": "How much work is under way.",
    "polls": "Of objects that are followed (`guestlist follow on`): how often, and how far back.",
    "alerts": "Whom to tell when something is not as it should be: [alerts](console/alerts.md).",
    "console": "The web pages and the REST API, `guestlist web`.",
}

ASKED = {
    "hubspot.token": "",
    "hubspot.client_id": "",
    "hubspot.client_secret": "",
    "vault_keys": "",
    "hubspot.webhook_secret": "",
    "salesforce.login_url": "https://YOUR-DOMAIN.my.salesforce.com",
    "salesforce.client_id": "",
    "salesforce.client_secret": "",
    "salesforce.outbound_secret": "",
    "salesforce.organization_id": "",
    "console.password": "",
    "console.public_url": "",
    "alerts.webhook_url": "",
    "alerts.smtp_host": "",
    "alerts.smtp_user": "",
    "alerts.smtp_password": "",
    "alerts.mail_from": "",
    "alerts.mail_to": "",
}
"""What docker-compose.yml passes on, with what to show there."""

COMPOSE = ("POSTGRES_PASSWORD", "FLOWER_PASSWORD", "GRAFANA_PASSWORD", "METRICS_TOKEN")
"""Read by docker-compose.yml, not by us."""

EXAMPLE_OBJECTS = """\
# [objects]  What is mapped to what. A contact mapping is built in: `guestlist mapping show`.
# [objects.contacts]
# salesforce = ["Contact", "Lead"]        # in order of preference when several match
# create_as = "Contact"                   # what a contact new to Salesforce becomes
# external_id = "HubSpot_Contact_Id__c"   # External ID and Unique, on each of the types
# inclusion_list = "1274"                 # pins the list; else: guestlist list use
# create_in_salesforce = true             # members that Salesforce lacks
# create_in_hubspot = false               # what is created in Salesforce, past the list
# on_salesforce_delete = "unlink"         # or archive: HubSpot's record too
# on_hubspot_delete = "unlink"            # or delete: Salesforce's record too
# duplicates = "pinned"                   # native: follow the twin changed last
# defaults = true                         # false: only the rows below, nothing built in
#
# [[objects.contacts.fields]]             # a row of a built-in property overrides it key by key
# hubspot = "mobilephone"
# salesforce = "MobilePhone"              # or by type: { Contact = "MobilePhone" }
# rule = "prefer_salesforce_unless_blank" # always_salesforce two_way dont_sync
#                                         # always_hubspot prefer_hubspot_unless_blank
# converter = "auto"                      # auto: by the two live types
# when_blank = ""                         # Salesforce value of a creation where HubSpot has none
# values = { "NEW" = "Open - Not Contacted" }  # HubSpot option = Salesforce picklist value
"""


def settings_table() -> str:
    """A table a section, for the settings page."""
    parts = []
    for section, rows in _sections():
        parts += [f"### {_title(section)}", ""]
        parts += [SECTION_MEANINGS[section], ""] if section in SECTION_MEANINGS else []
        parts += ["| setting | environment | default | meaning |", "|---|---|---|---|"]
        parts += [_row(variable) for variable in rows]
        parts.append("")
    parts += ["### Read before the settings", "", "| environment | meaning |", "|---|---|"]
    parts += [f"| `{name}` | {text} |" for name, text in READ_ELSEWHERE.items()]
    return "\n".join(parts) + "\n"


def env_example() -> str:
    lines = [
        "# Copy to .env and fill in; .env stays out of git.",
        "# A blank value is not set. Secrets may come from a file: ..._FILE=/run/secrets/name",
        "",
        "# Docker Compose hands on the lines without a # in front, and no others: what else is to",
        "# change there belongs in guestlist.toml.",
        "",
        "# Made up by you, for the services of docker-compose.yml; all but the last, which",
        "# `guestlist web token create prometheus` makes once the console runs. Compose takes a $",
        "# for the beginning of a name, Flower a comma for the end of a password.",
        *(f"{name}=" for name in COMPOSE),
    ]
    for section, rows in _sections():
        lines += ["", f"# --- {_title(section)}"]
        for variable in rows:
            lines += [_comment(variable.meaning), _assignment(variable)]
    return "\n".join(lines) + "\n"


def example_toml() -> str:
    lines = [
        "# Settings of Guestlist. Each is shown with its default; remove the # to change it.",
        "# Secrets do not belong here: set them in the environment or in .env (.env.example).",
    ]
    for section, rows in _sections():
        if section.startswith("objects"):
            continue
        lines += ["", f"[{section}]"] if section else [""]
        for variable in rows:
            if not variable.secret:
                lines += [_comment(variable.meaning), f"# {_toml(variable)}"]
    return "\n".join(lines) + "\n\n" + EXAMPLE_OBJECTS


def page_with_table(page: str) -> str:
    """The settings page with the part between the marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{settings_table()}\n{END}{after}"


def write(folder: Path) -> None:
    page = folder / "docs" / "settings.md"
    page.write_text(page_with_table(page.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / ".env.example").write_text(env_example(), encoding="utf-8")
    (folder / "guestlist.example.toml").write_text(example_toml(), encoding="utf-8")


def _sections() -> Iterable[tuple[str, list[Variable]]]:
    every = [*variables(), *object_variables(packaged_objects())]
    for section, rows in groupby(every, key=lambda v: v.name.rpartition(".")[0]):
        yield section, list(rows)


def _title(section: str) -> str:
    return f"[{section}]" if section else "Top of the file"


def _default(variable: Variable) -> str:
    if variable.name.startswith("objects."):
        _, name, key = variable.name.split(".")
        return as_text(packaged_objects()[name].get(key))
    return variable.masked(variable.value(Settings()))


def _row(variable: Variable) -> str:
    env = f"`{variable.env}`"
    if variable.env_file:
        env += " or `..._FILE`"
    default = f"`{_default(variable)}`" if _default(variable) else "not set"
    return f"| `{variable.name}` | {env} | {default} | {variable.meaning} |"


def _assignment(variable: Variable) -> str:
    if variable.name in ASKED:
        return f"{variable.env}={ASKED[variable.name]}"
    return f"# {variable.env}={_default(variable)}"


def _comment(text: str) -> str:
    return fill(text, width=96, initial_indent="# ", subsequent_indent="# ")


def _toml(variable: Variable) -> str:
    key, value = variable.name.rpartition(".")[2], variable.value(Settings())
    if value is None or value == "":
        return f'{key} = ""'
    quoted = isinstance(value, (str, Path))
    return f'{key} = "{value}"' if quoted else f"{key} = {as_text(value)}"


if __name__ == "__main__":
    write(Path())
    sys.stdout.write("docs/settings.md, .env.example and guestlist.example.toml are up to date\n")
