"""Only what a rule can say can be asked for."""

import time

import pytest

from pod.access_requests import AccessRequests
from pod.errors import Malformed
from pod.model.access import Mode
from pod.model.agent import Agent
from tests.world import BASE, World

READ = frozenset({Mode.READ})
NO_IRIS = ["https://[x", "https://app.example/%zz", "https://app.example:b/", "https://a.example/> . <#x"]


@pytest.mark.parametrize("named", NO_IRIS)
async def test_who_has_a_name_that_no_rule_can_have_cannot_ask(world: World, named: str) -> None:
    stores = world.parts.stores
    requests = AccessRequests(stores.records, stores.store, world.parts.resources, lambda: time.time_ns() // 1000)

    with pytest.raises(Malformed):
        await requests.ask(Agent(world.bob.webid, named), f"{BASE}alice/", READ, "", only_client=True)
    with pytest.raises(Malformed):
        await requests.ask(Agent(named), f"{BASE}alice/", READ, "")
