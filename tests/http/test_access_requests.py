"""Who is refused can ask the owner; the answer is a rule in the policy."""

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pod.access_requests import AccessRequest, AccessRequests, Answer, State
from pod.errors import Busy, Conflict, Malformed, NotFound, PreconditionFailed, Throttled, Unauthenticated
from pod.idp.mail import Mail
from pod.idp.provision import Request
from pod.idp.telling import Telling
from pod.model.access import Mode
from pod.model.agent import ANYONE, Agent
from pod.model.resource import Uri
from tests.world import BASE, TURTLE, Person, World, policy, rule

READ = frozenset({Mode.READ})
DAY = 24 * 3600 * 1_000_000
APP = "https://app.example/id"
OTHER_APP = "https://other.example/id"


class Office:
    """Requests to Alice, at a time that the test sets, with what was told."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = time.time_ns() // 1000
        self.told: list[tuple[str, State]] = []
        stores = world.parts.stores
        self.requests = AccessRequests(stores.records, stores.store, world.parts.resources, lambda: self.now, self.tell)
        world.parts.resources.permissions._now = lambda: self.now

    async def tell(self, request: AccessRequest) -> None:
        self.told.append((request.id, request.state))

    async def account(self) -> str:
        pods = await self.world.parts.stores.store.pods()
        return pods[0].account

    async def ask(self, person: Person, path: str, modes: frozenset[Mode] = READ, **more: bool) -> AccessRequest:
        agent = Agent(person.webid, APP)
        return await self.requests.ask(agent, BASE[:-1] + path, modes, "  For the\ntrip ", **more)

    async def grant(
        self, request: AccessRequest, modes: frozenset[Mode] | None = None, **more: object
    ) -> AccessRequest:
        return await self.requests.answer(request.id, await self.account(), Answer.GRANT, modes, **more)  # type: ignore[arg-type]  # by name

    async def refuse(self, request: AccessRequest) -> AccessRequest:
        return await self.requests.answer(request.id, await self.account(), Answer.REFUSE)


async def test_a_request_is_in_the_lists_of_both(world: World) -> None:
    office = Office(world)

    first = await office.ask(world.bob, "/alice/box/note")
    office.now += 1
    second = await office.ask(world.bob, "/alice/other/", frozenset({Mode.WRITE, Mode.APPEND}))

    assert (first.uri, first.modes, first.reason) == (f"{BASE}alice/box/note", READ, "For the trip")
    assert second.modes == {Mode.WRITE}
    assert await office.requests.of_owner(await office.account()) == [second, first]
    assert await office.requests.of_asker(world.bob.webid) == [second, first]
    assert await office.requests.of_owner("another") == await office.requests.of_asker("https://x.example/") == []
    assert office.told == [(first.id, State.OPEN), (second.id, State.OPEN)]


async def test_the_same_wish_is_the_one_there_is(world: World) -> None:
    office = Office(world)

    first = await office.ask(world.bob, "/alice/box/note")

    assert await office.ask(world.bob, "/alice/box/note.acl") == first
    assert (await office.ask(world.bob, "/alice/box/note", only_client=True)).id != first.id
    assert len(office.told) == 2


async def test_whether_something_is_there_is_not_told(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)

    there, missing = await office.ask(world.bob, "/alice/box/note"), await office.ask(world.bob, "/alice/box/none")

    assert there.state is missing.state is State.OPEN


async def test_what_cannot_be_asked_is_refused(world: World) -> None:
    office = Office(world)
    requests, bob = office.requests, Agent(world.bob.webid)

    with pytest.raises(Unauthenticated):
        await requests.ask(ANYONE, f"{BASE}alice/a", READ, "")
    for uri in (f"{BASE}nobody/a", "https://elsewhere.example/alice/a", BASE):
        with pytest.raises(NotFound):
            await requests.ask(bob, uri, READ, "")
    for uri in ("no url", f"{BASE}.account/", f"{BASE}alice/a.acl.acl"):
        with pytest.raises(Malformed):
            await requests.ask(bob, uri, READ, "")
    with pytest.raises(Malformed):
        await requests.ask(bob, f"{BASE}alice/a", frozenset(), "")
    with pytest.raises(Malformed):
        await requests.ask(bob, f"{BASE}alice/a", READ, "x" * 1001)
    with pytest.raises(Malformed):
        await requests.ask(bob, f"{BASE}alice/a", READ, "", only_client=True)
    with pytest.raises(Conflict):
        await requests.ask(Agent(world.alice.webid), f"{BASE}alice/a", READ, "")
    assert office.told == []


async def test_nobody_asks_one_owner_all_day(world: World) -> None:
    office = Office(world)
    for number in range(10):
        await office.ask(world.bob, f"/alice/{number}")

    with pytest.raises(Throttled):
        await office.ask(world.bob, "/alice/more")
    assert (await office.ask(world.bob, "/alice/9")).state is State.OPEN
    office.now += DAY
    assert (await office.ask(world.bob, "/alice/more")).state is State.OPEN


async def test_no_owner_gets_requests_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(world)
    monkeypatch.setattr("pod.access_requests.MOST", 1)
    await office.ask(world.bob, "/alice/a")

    with pytest.raises(Throttled):
        await office.requests.ask(Agent("https://carol.example/#me"), f"{BASE}alice/a", READ, "")


async def test_what_is_granted_is_a_rule_beside_those_there_are(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/note", rule("acl:agentClass acl:AuthenticatedAgent", "append"))
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/note")
    assert (await world.bob.get("/alice/box/note")).status == 403

    granted = await office.grant(asked)

    assert granted.state is State.GRANTED
    assert (await world.bob.get("/alice/box/note")).status == 200
    assert (await world.bob.head("/alice/box/note"))["wac-allow"] == 'user="read append",public=""'
    assert (await world.alice.head("/alice/box/note"))["wac-allow"] == 'user="read write append control",public=""'
    assert office.told[1:] == [(asked.id, State.GRANTED)]
    assert await office.requests.get(asked.id) == granted


async def test_what_inherits_gets_a_policy_with_all_that_it_had(world: World) -> None:
    await world.document("/alice/box/in/note")
    text = policy("/alice/box/", rule(world.alice, "read write control"), rule("acl:agentClass foaf:Agent", "read"))
    named = (
        "<#app> a acl:Authorization; acl:agentClass acl:AuthenticatedAgent; acl:default <./>; acl:mode acl:Append;"
        f" acl:condition <#c>, [ a acl:IssuerCondition; acl:issuerClass foaf:Agent ].\n"
        f"<#c> a acl:ClientCondition; acl:client <{APP}>.\n"
        "<#here> a acl:Authorization; acl:agentClass foaf:Agent; acl:accessTo <./>; acl:mode acl:Write."
    )
    assert (await world.alice.put("/alice/box/.acl", TURTLE, f"{text}\n{named}")).status == 201
    before = (await world.bob.head("/alice/box/in/note"))["wac-allow"]
    office = Office(world)

    await office.grant(await office.ask(world.bob, "/alice/box/in/", frozenset({Mode.WRITE})), recursive=True)

    assert before == 'user="read append",public="read"'
    assert (await world.bob.head("/alice/box/in/note"))["wac-allow"] == 'user="read write append",public="read"'
    assert (await world.anyone.head("/alice/box/in/note"))["wac-allow"] == 'user="read",public="read"'
    assert (await world.alice.head("/alice/box/in/note"))[
        "wac-allow"
    ] == 'user="read write append control",public="read"'
    made = (await world.alice.get("/alice/box/in/.acl", TURTLE)).text
    assert "/alice/box/in/.acl#app" in made
    assert "#here" not in made
    assert (await world.bob.head("/alice/box/"))["wac-allow"] == 'user="read write append",public="read write append"'


async def test_a_grant_may_hold_for_the_container_alone(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)

    await office.grant(await office.ask(world.bob, "/alice/box/"))

    assert (await world.bob.get("/alice/box/")).status == 200
    assert (await world.bob.get("/alice/box/note")).status == 403
    assert (await world.alice.get("/alice/box/note")).status == 200


async def test_a_grant_may_hold_through_one_app_alone(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)

    await office.grant(await office.ask(world.bob, "/alice/box/note", only_client=True))

    view = await world.parts.stores.store.view(names_uri("/alice/box/note"))
    permissions = world.parts.resources.permissions
    for client, allowed in ((APP, True), (OTHER_APP, False), (None, False)):
        assert (await permissions.on(view, Agent(world.bob.webid, client))).user.allows(Mode.READ) is allowed


def names_uri(path: str) -> Uri:
    return Uri(BASE[:-1] + path)


async def test_the_owner_can_give_less_than_was_asked(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/note", frozenset({Mode.READ, Mode.WRITE}))

    granted = await office.grant(asked, READ)

    assert granted.modes == READ
    assert (await world.bob.head("/alice/box/note"))["wac-allow"] == 'user="read",public=""'


async def test_a_grant_ends_at_its_time_and_then_its_rule_goes(world: World) -> None:
    await world.document("/alice/box/note")
    await world.policy("/alice/box/note")
    office = Office(world)
    granted = await office.grant(await office.ask(world.bob, "/alice/box/note"), until=office.now + DAY)
    assert (await world.bob.get("/alice/box/note")).status == 200
    assert await office.requests.sweep() == 0

    office.now += DAY
    assert (await world.bob.get("/alice/box/note")).status == 403
    assert "request-" in (await world.alice.get("/alice/box/note.acl", TURTLE)).text

    assert await office.requests.sweep() == 1
    assert "request-" not in (await world.alice.get("/alice/box/note.acl", TURTLE)).text
    assert [one.state for one in await office.requests.of_asker(world.bob.webid)] == [State.ENDED]
    assert office.told[-1] == (granted.id, State.ENDED)
    assert await office.requests.sweep() == 0


async def test_an_end_must_lie_ahead(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/note")

    for until in (office.now, 10**18):
        with pytest.raises(Malformed):
            await office.grant(asked, until=until)


async def test_a_grant_can_be_taken_back_whatever_the_owner_made_of_the_rule(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)
    granted = await office.grant(await office.ask(world.bob, "/alice/box/note"))
    name = f"{BASE}alice/box/note.acl#request-{granted.id}"
    await world.alice.insert(
        "/alice/box/note.acl", f"<{name}> <http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Write>."
    )
    assert (await world.bob.head("/alice/box/note"))["wac-allow"] == 'user="read write append",public=""'

    ended = await office.requests.withdraw(granted.id, await office.account())

    assert ended.state is State.ENDED
    assert (await world.bob.get("/alice/box/note")).status == 403
    with pytest.raises(Conflict):
        await office.requests.withdraw(granted.id, await office.account())


async def test_a_grant_whose_policy_is_gone_can_be_taken_back(world: World) -> None:
    await world.document("/alice/box/note")
    await world.document("/alice/box/other")
    office = Office(world)
    first = await office.grant(await office.ask(world.bob, "/alice/box/note"))
    second = await office.grant(await office.ask(world.bob, "/alice/box/other"))
    await world.alice.delete("/alice/box/note.acl")
    await world.policy("/alice/box/other")

    for one in (first, second):
        assert (await office.requests.withdraw(one.id, await office.account())).state is State.ENDED


async def test_a_refusal_changes_nothing(world: World) -> None:
    await world.document("/alice/box/note")
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/note")

    async with world.unchanged():
        refused = await office.refuse(asked)

    assert (refused.state, refused.answered) == (State.REFUSED, office.now)
    assert office.told[1:] == [(asked.id, State.REFUSED)]


async def test_a_request_is_answered_once_and_by_its_owner(world: World) -> None:
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/note")

    with pytest.raises(NotFound):
        await office.requests.answer(asked.id, "another", Answer.REFUSE)
    with pytest.raises(NotFound):
        await office.requests.answer("none", await office.account(), Answer.REFUSE)
    await office.refuse(asked)
    with pytest.raises(Conflict):
        await office.grant(asked)


async def test_what_is_not_there_cannot_be_given(world: World) -> None:
    office = Office(world)
    asked = await office.ask(world.bob, "/alice/box/none")

    with pytest.raises(NotFound):
        await office.grant(asked)
    assert await office.requests.get(asked.id) == asked


async def test_a_request_that_nobody_answers_is_forgotten(world: World) -> None:
    office = Office(world)
    office.now -= 91 * DAY

    asked = await office.ask(world.bob, "/alice/box/none")

    assert await office.requests.get(asked.id) is None
    assert await office.requests.of_asker(world.bob.webid) == []


async def test_a_request_is_kept_though_nobody_could_be_told(world: World) -> None:
    office = Office(world)

    async def fail(_request: AccessRequest) -> None:
        raise Busy("The mail server does not answer.")

    office.requests._told = fail

    asked = await office.ask(world.bob, "/alice/box/note")

    assert await office.requests.get(asked.id) == asked


async def test_a_policy_that_comes_to_be_meanwhile_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.document("/alice/box/note")
    office, resources = Office(world), world.parts.resources
    asked = await office.ask(world.bob, "/alice/box/note")
    compose = resources.compose

    async def late(*arguments: Any) -> Any:
        await world.policy("/alice/box/note", rule("acl:agentClass foaf:Agent", "append"))
        return await compose(*arguments)

    monkeypatch.setattr(resources, "compose", late)
    await office.grant(asked)

    assert (await world.bob.head("/alice/box/note"))["wac-allow"] == 'user="read append",public="append"'


async def test_a_policy_that_changes_all_the_time_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.document("/alice/box/note")
    office, resources = Office(world), world.parts.resources
    granted = await office.grant(await office.ask(world.bob, "/alice/box/note"))
    asked = await office.ask(world.bob, "/alice/box/note", frozenset({Mode.WRITE}))

    async def never(*_arguments: Any) -> Any:
        raise PreconditionFailed("It has changed.")

    monkeypatch.setattr(resources, "write", never)

    with pytest.raises(Busy):
        await office.grant(asked)
    with pytest.raises(Busy):
        await office.requests.withdraw(granted.id, await office.account())
    assert await office.requests.get(asked.id) == asked


async def test_both_get_a_letter_that_has_nothing_in_it_of_what_strangers_wrote(world: World) -> None:
    office, parts = Office(world), world.parts
    letters: list[tuple[str, str, dict[str, str]]] = []

    async def send(to: str, key: str, facts: dict[str, str], _language: str | None) -> None:
        letters.append((to, key, facts))

    account = await parts.provision.create(Request("carol", "carol@pod.example"))
    mail = cast("Mail", SimpleNamespace(send=send))
    office.requests._told = Telling(parts.accounts, parts.stores.store, mail).told
    asker = Agent(account.webid)

    first = await office.requests.ask(asker, f"{BASE}alice/box/", READ, "Click https://evil.example")
    await world.folder("/alice/box/")
    await office.grant(first)
    await office.requests.withdraw(first.id, await office.account())
    await office.refuse(await office.requests.ask(asker, f"{BASE}alice/other/", READ, ""))

    pod, owner, asking = {"pod": "alice"}, "alice@pod.example", "carol@pod.example"
    assert letters == [
        (owner, "asked", pod),
        (asking, "answered-granted", pod),
        (asking, "answered-ended", pod),
        (owner, "asked", pod),
        (asking, "answered-refused", pod),
    ]


async def test_nobody_is_written_to_who_has_no_account_here_or_is_about_to_leave(world: World) -> None:
    office, parts = Office(world), world.parts
    letters: list[str] = []

    async def send(to: str, *_more: object) -> None:
        letters.append(to)

    office.requests._told = Telling(parts.accounts, parts.stores.store, cast("Mail", SimpleNamespace(send=send))).told
    request = await office.ask(world.bob, "/alice/box/note")
    await parts.accounts.change(await office.account(), lambda one: replace(one, deleting=office.now))

    await office.refuse(request)
    await office.ask(world.bob, "/alice/box/other")

    assert letters == ["alice@pod.example"]
