"""HubSpot's own client, all contacts, page by page, its API object kept."""

from benchmarks.peer.both import FIELDS, clients

hubspot, _ = clients()
api, count = hubspot.crm.contacts.basic_api, 0
place: dict[str, str] = {}
while True:
    page = api.get_page(limit=100, properties=list(FIELDS), **place)
    count += len(page.results)
    if not page.paging:
        break
    place = {"after": page.paging.next.after}
print(count)
