"""The vendor's own client, unmodified: properties, owners and OAuth."""

from typing import Any

import pytest

from sandbox.admission import oauth_app
from sandbox.mount import Addresses
from sandbox.world import World

hubspot = pytest.importorskip("hubspot")
contacts_sdk = pytest.importorskip("hubspot.crm.contacts")
properties_sdk = pytest.importorskip("hubspot.crm.properties")
oauth_sdk = pytest.importorskip("hubspot.oauth")


@pytest.fixture
def client(served: Addresses, world: World) -> Any:
    return hubspot.HubSpot(access_token=world.credentials.hubspot_token, host=served.hubspot)


def test_properties_are_listed_created_and_archived(client: Any) -> None:
    api = client.crm.properties.core_api
    names = {item.name for item in api.get_all("contacts").results}
    assert {"email", "lifecyclestage", "hs_object_id"} <= names
    made = api.create(
        "contacts",
        properties_sdk.PropertyCreate(
            name="sf_id",
            label="Salesforce id",
            type="string",
            field_type="text",
            group_name="contactinformation",
            has_unique_value=True,
        ),
    )
    assert api.get_by_name("contacts", made.name).has_unique_value is True
    with pytest.raises(properties_sdk.ApiException) as caught:
        api.create("contacts", made)
    assert caught.value.status == 409
    batch, name = client.crm.properties.batch_api, properties_sdk.PropertyName
    wanted = [name("sf_id"), name("nope")]
    request = properties_sdk.BatchReadInputPropertyName(inputs=wanted, archived=False)
    answer = batch.read("contacts", request)
    assert ([item.name for item in answer.results], answer.num_errors) == (["sf_id"], 1)
    batch.archive("contacts", properties_sdk.BatchInputPropertyName(inputs=[name("sf_id")]))
    assert [item.name for item in api.get_all("contacts", archived=True).results] == ["sf_id"]


def test_groups_of_properties_are_made_renamed_and_archived(client: Any) -> None:
    api = client.crm.properties.groups_api
    api.create("contacts", properties_sdk.PropertyGroupCreate(name="ours", label="Ours"))
    renamed = api.update("contacts", "ours", properties_sdk.PropertyGroupUpdate(label="Mine"))
    assert renamed.label == "Mine"
    api.archive("contacts", "ours")
    names = {group.name for group in api.get_all("contacts").results}
    assert "contactinformation" in names
    assert "ours" not in names


def test_owners_are_listed(client: Any, world: World) -> None:
    id = world.portal.add_owner("o@example.com", "O", "One")
    (owner,) = client.crm.owners.get_all()
    assert (owner.id, owner.email, owner.archived) == (id, "o@example.com", False)
    api = client.crm.owners.owners_api
    assert api.get_by_id(owner.user_id, id_property="userId").id == id


def test_a_refresh_token_opens_what_its_scopes_allow(served: Addresses, world: World) -> None:
    app = oauth_app(world, {"scopes": ["oauth", "crm.objects.contacts.read"]})
    client = hubspot.HubSpot(host=served.hubspot)
    keys = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    grant = {"grant_type": "refresh_token", "refresh_token": app["refresh_token"], **keys}
    token = client.oauth.tokens_api.create(**grant).access_token
    assert client.oauth.access_tokens_api.get(token).scopes[0] == "oauth"
    assert client.oauth.refresh_tokens_api.get(app["refresh_token"]).token_type == "refresh"
    allowed = hubspot.HubSpot(access_token=token, host=served.hubspot).crm.contacts
    assert allowed.get_all() == []
    with pytest.raises(contacts_sdk.ApiException) as caught:
        allowed.basic_api.archive("5")
    assert caught.value.status == 403
    client.oauth.refresh_tokens_api.archive(app["refresh_token"])
    with pytest.raises(oauth_sdk.ApiException) as refused:
        client.oauth.tokens_api.create(**grant)
    assert "BAD_REFRESH_TOKEN" in refused.value.body
