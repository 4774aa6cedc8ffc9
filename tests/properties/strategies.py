"""What the laws are tried on: few and colliding values, so that cases meet, and hostile ones."""

from hypothesis import strategies as st

from guestlist.domain.write import Sides

few_values = st.one_of(st.none(), st.sampled_from(["red", "green", "blue"]))
sides = st.builds(Sides, few_values, few_values)
maybe_agreed = st.one_of(st.none(), sides)

hostile_text = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            " ",
            "ada",
            " ada ",
            "Ada",
            "a\r\nb",
            "a\nb",
            "null",
            "true",
            "false",
            "0",
            "007",
            "1,5",
            "1e400",
            "NaN",
            "-0",
            "0.1000",
            "12345678901234567890",
            "2026-02-29",
            "2026-11-24",
            "2026-11-24T09:30:00Z",
            "2026-11-24T09:30:00.000+0000",
            "1600-01-01",
            "9999-12-31",
            "-62135596800000",
            "1767225600000",
            "Events;Newsletter",
            "Newsletter;Events;",
            ";;",
            "technology",
            "ada@example.com",
            "ADA@Example.com",
            "x" * 300,
            "\x00",
            "\ud800",
            "😀",
            "=1+1",
        ]
    ),
    st.text(max_size=12),
)
