"""Singer's tap-hubspot: contacts, or with PEER_STREAMS the members of all lists; it counts them.

Its state is kept in ``state.json`` of the working folder: a second run reads what changed since.
"""

import io
import json
import os
import sys
from pathlib import Path

import tap_hubspot  # type: ignore[import-not-found]

STATE = Path("state.json")


class Counter(io.TextIOBase):
    """Takes the messages instead of a target: counts different records, keeps the last state."""

    def __init__(self) -> None:
        self.records: dict[str, set[str]] = {}
        self.state = "{}"

    def write(self, text: str) -> int:
        for line in filter(None, text.splitlines()):
            message = json.loads(line)
            if message["type"] == "RECORD":
                record = message["record"]
                id = record.get("id") or record.get("recordId") or record.get("listId")
                self.records.setdefault(message["stream"], set()).add(id)
            elif message["type"] == "STATE":
                self.state = json.dumps(message["value"])
        return len(text)


def catalog(streams: list[str]) -> dict[str, object]:
    """Select these streams, of the contacts the properties that everybody reads."""
    fields = {f"property_{pair.split('=')[0]}" for pair in os.environ["PEER_FIELDS"].split(",")}
    found = []
    for stream in tap_hubspot.STREAMS:
        if stream.tap_stream_id not in streams:
            continue
        schema, metadata = tap_hubspot.load_discovered_schema(stream)
        for each in metadata:
            name = each["breadcrumb"][-1] if each["breadcrumb"] else ""
            chosen = not name or not name.startswith("property_") or name in fields
            each["metadata"]["selected"] = chosen
        id = stream.tap_stream_id
        found.append({"stream": id, "tap_stream_id": id, "schema": schema, "metadata": metadata})
    return {"streams": found}


def main() -> None:
    streams = os.environ.get("PEER_STREAMS", "contacts").split(",")
    tap_hubspot.generate_custom_streams = lambda **_: []  # it asks for custom objects each time
    tap_hubspot.BASE_URL = os.environ["PEER_HUBSPOT"]
    tap_hubspot.CONFIG.update(api_key=os.environ["PEER_TOKEN"], start_date="2000-01-01T00:00:00Z")
    state = json.loads(STATE.read_text()) if STATE.exists() else {}
    counter, shown = Counter(), sys.stdout
    sys.stdout = counter
    try:
        tap_hubspot.do_sync(state, catalog(streams))
    finally:
        sys.stdout = shown
    STATE.write_text(counter.state)
    print(len(counter.records.get(streams[-1], ())))


main()
