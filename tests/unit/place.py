"""A place where pods are made: storage in memory, and what can be asked about it."""

import json
from collections.abc import Mapping

from argon2 import PasswordHasher

from pod.access import decide, wac
from pod.fetch import Fetcher
from pod.idp.accounts import ACCOUNT, Accounts
from pod.idp.keys import Keys
from pod.idp.passwords import Passwords
from pod.idp.provision import Created, Provision, Request
from pod.idp.webids import WebIds
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.pods import Pods
from pod.rdf import formats
from pod.rdf.graph import Graph
from pod.storage.memory import MemoryRecords, MemoryStore
from pod.storage.memory_rows import MemoryBlobs
from pod.storage.ports import Store

BASE = "https://pods.example/"
ROOT = f"{BASE}alice/"
WEBID = f"{ROOT}profile/card#me"
EMAIL = "alice@pods.example"
NOW = 1_700_000_000_000_000
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that take no time."""


class Place:
    """Storage in memory, and pods in it."""

    def __init__(self) -> None:
        self.blobs, self.records = MemoryBlobs(), MemoryRecords()
        self.store = MemoryStore(self.blobs)
        self.accounts = Accounts(self.records, lambda: NOW)
        self.passwords = Passwords(CHEAP)
        self.provision = self.over(self.store)

    def over(self, store: Store) -> Provision:
        """What makes pods in a store."""
        pods = Pods(store, self.blobs, BASE)

        async def no_contexts(_content: bytes, _media_type: str, _base: Uri) -> Mapping[str, bytes]:
            return {}

        webids = WebIds(
            self.accounts,
            pods,
            store,
            Keys(self.records, "", lambda: NOW),
            fetcher=Fetcher(),
            contexts=no_contexts,
            base_url=BASE,
        )
        return Provision(self.accounts, self.passwords, webids, pods, BASE)

    async def create(self, name: str = "alice", email: str = EMAIL, **more: str | bool | None) -> Created:
        return await self.provision.create(Request(name, email, **more))  # type: ignore[arg-type]  # tests know the types

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

    async def account_records(self) -> list[Mapping[str, object]]:
        keys = await self.records.keys(ACCOUNT)
        return [json.loads(await self.records.get(ACCOUNT, key) or b"{}") for key in keys]

    async def resources(self) -> list[str]:
        return sorted({entry.uri for entry in await self.store.log()})
