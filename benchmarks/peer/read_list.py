"""HubSpot's own client, the members of a list, 250 a page."""

from benchmarks.peer.both import clients, members

print(sum(1 for _ in members(clients()[0])))
