"""What changed in Salesforce goes to HubSpot, 100 contacts a call: both clients, no state."""

from itertools import islice

from hubspot.crm.contacts import BatchInputSimplePublicObjectBatchInput
from hubspot.crm.contacts import SimplePublicObjectBatchInput as Input

from benchmarks.peer.both import KEY, clients

hubspot, salesforce = clients()
query = "SELECT HubSpot_Contact_Id__c, Title FROM Contact WHERE Title = 'Somebody There'"
rows, count = salesforce.query_all_iter(query), 0
while part := list(islice(rows, 100)):
    inputs = [Input(id=row[KEY], properties={"jobtitle": row["Title"]}) for row in part]
    batch = BatchInputSimplePublicObjectBatchInput(inputs=inputs)
    count += len(hubspot.crm.contacts.batch_api.update(batch).results)
print(count)
