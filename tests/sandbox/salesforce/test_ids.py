from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.ids import IdSequence, checksum, full

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ids15 = st.text(ALPHABET, min_size=15, max_size=15)


@given(ids15)
def test_the_checksum_recovers_the_case_of_every_letter(id15: str) -> None:
    marks = [format("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".index(c), "05b") for c in checksum(id15)]
    upper = [bit == "1" for mark in marks for bit in reversed(mark)]
    recovered = "".join(
        char.upper() if up else char.lower() for char, up in zip(id15, upper, strict=True)
    )
    assert recovered == id15


@given(ids15)
def test_both_forms_of_an_id_name_the_same_record(id15: str) -> None:
    assert full(id15) == full(id15 + checksum(id15)) == id15 + checksum(id15)


@given(ids15, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", min_size=3, max_size=3))
def test_a_wrong_checksum_is_malformed(id15: str, check: str) -> None:
    assert (full(id15 + check) is not None) == (check == checksum(id15))


@given(st.text(max_size=20).filter(lambda text: len(text) not in (15, 18)))
def test_any_other_length_is_malformed(text: str) -> None:
    assert full(text) is None


def test_a_published_id_has_its_published_checksum() -> None:
    assert full("001D000000IRFma") == "001D000000IRFmaIAH"


@given(st.integers(0, 10**9))
def test_a_sequence_counts_up_without_repeating(start: int) -> None:
    sequence = IdSequence("003", "5gB", start)
    made = [sequence.next() for _ in range(70)]
    assert len(set(made)) == 70
    assert all(full(each) == each and each.startswith("0035gB") for each in made)
    assert IdSequence("003", "5gB", start + 69).next() == made[-1]
