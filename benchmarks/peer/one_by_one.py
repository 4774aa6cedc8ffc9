"""The script most people write: for each member, read it and upsert it."""

from benchmarks.peer.both import FIELDS, KEY, clients, members, written

hubspot, salesforce = clients()
count = 0
for id in members(hubspot):
    contact = hubspot.crm.contacts.basic_api.get_by_id(id, properties=list(FIELDS))
    salesforce.Contact.upsert(f"{KEY}/{id}", written(contact.properties))
    count += 1
print(count)
