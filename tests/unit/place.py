"""A place where pods are made: storage in memory, and what can be asked about it."""

import json
from collections.abc import Mapping

from pod import pods
from pod.access import decide, wac
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.pods import Created, Pods, Request
from pod.rdf import formats
from pod.rdf.graph import Graph
from pod.storage.memory import MemoryRecords, MemoryStore
from pod.storage.memory_rows import MemoryBlobs

BASE = "https://pods.example/"
ROOT = f"{BASE}alice/"
WEBID = f"{ROOT}profile/card#me"
EMAIL = "alice@pods.example"
NOW = 1_700_000_000_000_000


class Place:
    """Storage in memory, and pods in it."""

    def __init__(self) -> None:
        self.blobs, self.records = MemoryBlobs(), MemoryRecords()
        self.store = MemoryStore(self.blobs)
        self.pods = Pods(self.store, self.blobs, self.records, BASE)

    async def create(self, name: str = "alice", email: str = EMAIL, **more: str | bool | None) -> Created:
        return await self.pods.create(Request(name, email, **more), NOW)  # type: ignore[arg-type]  # tests know the types

    async def graph(self, path: str) -> Graph:
        view = await self.store.view(Uri(f"{ROOT}{path}"))
        assert view.target is not None
        return formats.parse(await self.blobs.read(view.target.blob), view.target.media_type, view.uri)

    async def modes(self, path: str, agent: Agent) -> frozenset[Mode]:
        view = await self.store.view(Uri(f"{ROOT}{path}"))
        policy = view.policies[0]
        content = await self.blobs.read(policy.blob)
        parsed = wac.parse(formats.parse(content, policy.media_type, policy.uri), policy.uri)
        return frozenset(decide.grants(view, parsed, agent).modes)

    async def accounts(self) -> list[Mapping[str, object]]:
        keys = await self.records.keys(pods.ACCOUNT)
        return [json.loads(await self.records.get(pods.ACCOUNT, key) or b"{}") for key in keys]

    async def resources(self) -> list[str]:
        return sorted({entry.uri for entry in await self.store.log()})
