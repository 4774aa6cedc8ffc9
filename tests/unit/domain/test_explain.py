"""Every code is explained, and the page about them says what the code says."""

from pathlib import Path

import pytest

from guestlist.domain.explain import Explanation, describe
from guestlist.domain.reason import Fixer, Group, Reason

PAGE = Path(__file__).parents[3] / "docs" / "explain-codes.md"
INTRODUCTION = """\
# Explain codes

Every record that was looked at ends with one of these codes, and `guestlist explain RECORD` shows
it with the facts it rests on. The codes are stable: scripts may rely on them.

*Again by itself* means that the record comes back without anybody's doing; all others wait until
somebody changes what the last column names.
"""


def page() -> str:
    """The page as it has to be; write it anew from here when a code changes."""
    parts = [INTRODUCTION, *(section(group) for group in Group)]
    return "\n".join(parts)


def section(group: Group) -> str:
    codes = [(reason, describe(reason)) for reason in Reason if describe(reason).group is group]
    head = f"## {group}\n\n| Code | Meaning | Who | Again by itself | What changes it |\n"
    rows = (row(reason, explanation) for reason, explanation in codes)
    return head + "| --- | --- | --- | --- | --- |\n" + "".join(rows)


def row(reason: Reason, explanation: Explanation) -> str:
    _, sentence, fixer, remedy, retried = explanation
    return f"| `{reason}` | {sentence} | {fixer} | {'yes' if retried else 'no'} | {remedy} |\n"


@pytest.mark.parametrize("reason", Reason)
def test_every_code_is_explained_in_whole_sentences(reason):
    explanation = describe(reason)
    assert explanation.sentence.endswith(".")
    assert explanation.remedy.endswith(".")


@pytest.mark.parametrize("reason", Reason)
def test_only_what_waits_by_itself_comes_back_by_itself(reason):
    explanation = describe(reason)
    assert explanation.retried is (explanation.fixer is Fixer.TIME)


@pytest.mark.parametrize("group", Group)
def test_no_group_is_empty(group):
    assert any(describe(reason).group is group for reason in Reason)


def test_the_page_of_codes_is_in_step():
    assert PAGE.read_text() == page()
