"""Laws of packing: nothing lost, nothing twice in a call, every limit held, order kept."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.pack import TYPES_PER_COLLECTION, chunks, halves, pack
from guestlist.domain.write import SalesforceWrite

KINDS = [f"Object{number}__c" for number in range(14)]
writes = st.lists(
    st.builds(
        lambda kind, key, linked, value: SalesforceWrite(
            kind,
            f"id{key}" if linked else None,
            "Key__c",
            str(key),
            {"Value__c": value, "Text__c": f"{'@' * (value % 7 == 0)}{{"},
            assign=value % 3 == 0,
        ),
        st.sampled_from(KINDS),
        st.integers(min_value=0, max_value=30),
        st.booleans(),
        st.integers(),
    ),
    max_size=120,
)
limits = st.integers(min_value=1, max_value=12)


@given(writes, limits, limits)
def test_every_write_is_packed_exactly_once(given_writes, batch, per_call):
    calls = pack(given_writes, batch=batch, per_call=per_call)
    packed = [
        (position, write)
        for call in calls
        for collection in call
        for position, write in zip(collection.positions, collection.writes, strict=True)
    ]
    assert sorted(packed, key=lambda each: each[0]) == list(enumerate(given_writes))


@given(writes, limits, limits)
def test_no_record_comes_twice_in_one_call(given_writes, batch, per_call):
    for call in pack(given_writes, batch=batch, per_call=per_call):
        records = [
            (write.type, write.external_id) for collection in call for write in collection.writes
        ]
        assert len(records) == len(set(records))


@given(writes, limits, limits)
def test_the_limits_of_collections_and_calls_hold(given_writes, batch, per_call):
    for call in pack(given_writes, batch=batch, per_call=per_call):
        assert 1 <= len(call) <= per_call
        for collection in call:
            kinds = [write.type for write in collection.writes]
            assert 1 <= len(kinds) <= batch
            alone = {"@{" in write.fields["Text__c"] for write in collection.writes}
            assert alone == {collection.alone}
            assert len(call) == 1 or not collection.alone
            assert 1 + sum(a != b for a, b in pairwise(kinds)) <= TYPES_PER_COLLECTION


@given(writes, limits, limits)
def test_an_upsert_holds_one_type_and_creations_only(given_writes, batch, per_call):
    for call in pack(given_writes, batch=batch, per_call=per_call):
        for collection in call:
            creates = {write.id is None for write in collection.writes}
            assert creates == {collection.external_id_field is not None}
            if collection.type is not None:
                assert {write.type for write in collection.writes} == {collection.type}
                assert {write.assign for write in collection.writes} == {collection.assign}
            else:
                assert not collection.assign


@given(writes, limits, limits)
def test_writes_to_one_record_keep_their_order(given_writes, batch, per_call):
    calls = pack(given_writes, batch=batch, per_call=per_call)
    order: dict[tuple[str, str], list[int]] = {}
    for call in calls:
        for collection in call:
            for position, write in zip(collection.positions, collection.writes, strict=True):
                order.setdefault((write.type, write.external_id), []).append(position)
    assert all(positions == sorted(positions) for positions in order.values())


@given(st.lists(st.integers()), limits)
def test_chunks_put_together_are_the_whole(items, size):
    cut = list(chunks(items, size))
    assert [item for part in cut for item in part] == items
    assert all(len(part) == size for part in cut[:-1])


@given(st.lists(st.integers(), min_size=2))
def test_halves_are_smaller_and_put_together_the_whole(items):
    first, second = halves(items)
    assert [*first, *second] == items
    assert 0 < len(first) <= len(second) < len(items)
