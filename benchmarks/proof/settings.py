"""The settings of the installation under load: quick polls, everything else as it comes."""


def toml(*, poll_s: float, settle_s: float) -> str:
    """Return ``guestlist.toml``; *settle_s* is longer than the list takes to be evaluated."""
    return f"""\
development = true
environment = "proof"

[guards]
settle_s = {settle_s:g}

[flow]
lease_s = 30
dispatch_after_s = 10

[retries]
first_s = 1

[polls]
hubspot_s = {poll_s:g}
salesforce_s = {poll_s:g}
joins_s = {poll_s:g}
leaves_s = 30

[objects.contacts]
create_in_hubspot = true

[[objects.contacts.fields]]
hubspot = "phone"
rule = "two_way"

[[objects.contacts.fields]]
hubspot = "city"
rule = "two_way"

[[objects.contacts.fields]]
hubspot = "zip"
rule = "two_way"
"""
