import pytest

from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Caller, new_org


@pytest.fixture
def org() -> Org:
    return new_org()


@pytest.fixture
def caller(org: Org) -> Caller:
    return Caller(org)
