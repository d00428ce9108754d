"""Requests at the same time: none is lost, and what a request relied on still holds when it is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from pod.parts import opened
from tests.asgi import Answer
from tests.world import BASE, EVERYONE, N3, SPARQL, TURTLE, Person, World, n3, policy, rule

V = "https://voc.example/#"


async def forced(
    world: World, path: str, media_type: str, meanwhile: Callable[[], Awaitable[object]], method: str = "PUT"
) -> Answer:
    """A write that was permitted and begun when `meanwhile` happens, and ends only then."""

    async def rest() -> bytes:
        await meanwhile()
        return b"1 ."

    content: list[bytes | Awaitable[bytes]] = [b"<#a> <#b> ", rest()]
    return await world.alice.send(method, path, content, content_type=media_type)


async def test_of_a_thousand_parallel_patches_of_one_resource_none_is_lost(world: World) -> None:
    writers = 1000 if world.kind == "sqlite" else 100
    await world.document("/alice/note", "")

    answers = await asyncio.gather(
        *(world.alice.insert("/alice/note", f"<#{number}> a ex:Thing .") for number in range(writers))
    )

    done = [number for number, answer in enumerate(answers) if answer.status == 204]
    assert all(answer.status in {204, 503} for answer in answers)
    assert all("retry-after" in answer for answer in answers if answer.status == 503)
    found = {quad.subject for quad in (await world.alice.get("/alice/note")).graph()}
    assert found == {f"{BASE}alice/note#{number}" for number in done}
    assert len(done) > writers // 2


async def test_parallel_updates_of_different_kinds_all_count(world: World) -> None:
    await world.document("/alice/note", "")

    answers = await asyncio.gather(
        *(world.alice.patch("/alice/note", N3, n3(inserts=f"<#n{number}> a ex:Thing .")) for number in range(20)),
        *(
            world.alice.patch("/alice/note", SPARQL, f"INSERT DATA {{ <#s{number}> a <{V}Thing> }}")
            for number in range(20)
        ),
    )

    assert {answer.status for answer in answers} == {204}
    assert len((await world.alice.get("/alice/note")).graph()) == 40


async def test_of_parallel_writes_that_saw_the_same_version_one_wins(world: World) -> None:
    await world.document("/alice/note")
    tag = (await world.alice.get("/alice/note"))["etag"]

    answers = await asyncio.gather(
        *(world.alice.put("/alice/note", "text/plain", str(number), if_match=tag) for number in range(50))
    )

    won = [number for number, answer in enumerate(answers) if answer.status == 204]
    assert sorted(answer.status for answer in answers) == [204] + [412] * 49
    assert (await world.alice.get("/alice/note")).text == str(won[0])


@pytest.mark.spec("resource-update-integrity")
async def test_of_parallel_creations_one_wins(world: World) -> None:
    answers = await asyncio.gather(
        *(world.alice.put("/alice/a/b/note", "text/plain", str(number), if_none_match="*") for number in range(50))
    )

    assert sorted(answer.status for answer in answers) == [201] + [412] * 49


async def test_of_parallel_uris_that_differ_in_the_slash_one_comes_to_be(world: World) -> None:
    answers = await asyncio.gather(
        *(world.alice.put("/alice/thing" + "/" * (number % 2), TURTLE, "") for number in range(40))
    )

    assert {answer.status for answer in answers} == {201, 204, 409}
    assert len([one for one in await world.members("/alice/") if one.startswith("/alice/thing")]) == 1


@pytest.mark.spec("server-post-uri-assignment")
async def test_parallel_posts_with_one_slug_all_get_a_name_of_their_own(world: World) -> None:
    answers = await asyncio.gather(
        *(world.alice.post("/alice/", "text/plain", str(number), slug="same") for number in range(100))
    )

    assert {answer.status for answer in answers} == {201}
    assert len({answer.location for answer in answers}) == 100


async def test_parallel_writes_into_new_containers_all_succeed(world: World) -> None:
    answers = await asyncio.gather(
        *(world.alice.put(f"/alice/a/b/{number}", "text/plain", "x") for number in range(50))
    )

    assert {answer.status for answer in answers} == {201}
    assert len(await world.members("/alice/a/b/")) == 50


@pytest.mark.spec("server-hierarchical-containment", "server-delete-protect-nonempty-container")
async def test_a_container_deleted_while_a_child_is_put_comes_to_be_again(world: World) -> None:
    await world.folder("/alice/box/")

    answer = await forced(world, "/alice/box/note", TURTLE, lambda: world.alice.delete("/alice/box/"))

    assert answer.status == 201
    assert await world.members("/alice/box/") == {"/alice/box/note"}


@pytest.mark.spec("server-hierarchical-containment", "server-post-target-not-found")
async def test_a_container_deleted_while_a_child_is_posted_stays_deleted(world: World) -> None:
    await world.folder("/alice/box/")

    answer = await forced(world, "/alice/box/", TURTLE, lambda: world.alice.delete("/alice/box/"), "POST")

    assert answer.status == 404
    assert (await world.alice.get("/alice/box/")).status == 404


@pytest.mark.spec("server-delete-protect-nonempty-container")
async def test_a_child_that_comes_to_be_while_its_container_is_deleted_is_no_orphan(world: World) -> None:
    for number in range(20):
        await world.folder("/alice/box/")

        deleted, made = await asyncio.gather(
            world.alice.delete("/alice/box/"), world.alice.post("/alice/box/", "text/plain", "x", slug=str(number))
        )

        assert (deleted.status, made.status) in {(205, 404), (409, 201)}
        if made.status == 201:
            assert (await world.alice.delete(made.location)).status == 205
            assert (await world.alice.delete("/alice/box/")).status == 205


async def test_a_document_that_takes_the_place_of_a_container_meanwhile_wins(world: World) -> None:
    answer = await forced(
        world, "/alice/box/note", TURTLE, lambda: world.alice.put("/alice/box", "text/plain", "first")
    )

    assert answer.status == 409
    assert (await world.alice.get("/alice/box")).text == "first"


async def test_a_write_that_lost_its_permission_meanwhile_does_not_happen(world: World) -> None:
    await world.policy("/alice/", rule(world.bob, "read write"))
    await world.document("/alice/note")

    async def rest() -> bytes:
        await world.policy("/alice/")
        return b"1 ."

    log = len(await world.log())
    answer = await world.bob.put("/alice/note", TURTLE, [b"<#a> <#b> ", rest()])

    assert answer.status == 403
    assert [entry.uri for entry in (await world.log())[log:]] == [f"{BASE}alice/.acl"]


async def test_a_write_whose_condition_fails_meanwhile_does_not_happen(world: World) -> None:
    await world.document("/alice/note")
    tag = (await world.alice.get("/alice/note"))["etag"]

    async def rest() -> bytes:
        await world.alice.put("/alice/note", "text/plain", "first")
        return b"1 ."

    answer = await world.alice.put("/alice/note", TURTLE, [b"<#a> <#b> ", rest()], if_match=tag)

    assert answer.status == 412
    assert (await world.alice.get("/alice/note")).text == "first"


async def test_an_auxiliary_resource_of_what_is_deleted_meanwhile_is_no_orphan(world: World) -> None:
    await world.document("/alice/note")

    answer = await forced(world, "/alice/note.meta", TURTLE, lambda: world.alice.delete("/alice/note"))

    assert answer.status == 409
    assert (await world.alice.get("/alice/note.meta")).status == 404


async def test_a_root_policy_that_is_changed_from_two_sides_never_loses_control(world: World) -> None:
    text = policy("/alice/", rule(world.alice, "read write control"), rule(EVERYONE, "read"))

    answers = await asyncio.gather(
        *(
            world.alice.put("/alice/.acl", TURTLE, text if number % 2 else policy("/alice/", rule(EVERYONE, "read")))
            for number in range(20)
        )
    )

    assert sorted({answer.status for answer in answers}) == [204, 409]
    assert (await world.alice.put("/alice/x", "text/plain", "x")).status == 201


async def test_a_reader_sees_one_version_whole_while_others_write(world: World) -> None:
    sizes = (10, 100_000)
    for size in sizes:
        await world.alice.put("/alice/data", "text/plain", b"x" * size)

    async def read() -> None:
        answer = await world.alice.get("/alice/data")
        assert len(answer.body) in sizes
        assert answer["content-length"] == str(len(answer.body))

    await asyncio.gather(
        *(world.alice.put("/alice/data", "text/plain", b"x" * sizes[number % 2]) for number in range(20)),
        *(read() for _ in range(40)),
    )


@asynccontextmanager
async def rival(
    world: World, times: int, *, watched: str = "/alice/note", path: str = "/alice/note"
) -> AsyncIterator[list[int]]:
    """Another process over the same storage, which writes to the path each time the first one has looked at `watched`.

    It knows by the group that the policy asks for; how often it won is in the list.
    """
    team = "https://groups.example/team"
    team_rule = rule(f"acl:agentGroup <{team}#us>", "read write")
    won: list[int] = []
    busy = False

    async def asked() -> tuple[str, bytes]:
        nonlocal busy
        if not busy and len(won) < times:
            busy = True
            content = f"<#rival{len(won)}> a <#b> ."
            if path.endswith(".acl"):
                content = policy("/alice/", rule(world.alice, "read write control"), team_rule)
            answer = await alice.put(path, TURTLE, content)
            won.append(answer.status)
            busy = False
        return TURTLE, f"<#us> <http://www.w3.org/2006/vcard/ns#hasMember> <{world.bob.webid}> .".encode()

    await world.alice.put(watched, TURTLE, "<#it> a <#a> .")
    await world.policy(watched, team_rule, rule(EVERYONE, "read"))
    if path.endswith(".acl"):
        await world.policy("/alice/", team_rule)
    world.web[team] = asked
    async with opened(world.parts.settings, world.served) as other:
        alice = Person(other.server(), world.alice.webid, world.alice.issuer)
        yield won


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_that_another_process_overtakes_is_done_after_it(method: str) -> None:
    async with World("sqlite") as world, rival(world, times=2) as won:
        await world.policy("/alice/", rule(world.bob, "write", ("acl:accessTo",)))

        answer = await world.bob.send(method, "/alice/note", "mine", content_type="text/plain")

        assert answer.status == (204 if method == "PUT" else 205)
        assert won == [204, 204]
        assert (await world.alice.get("/alice/note")).status == (200 if method == "PUT" else 404)


async def test_a_patch_that_another_process_overtakes_is_applied_to_what_it_wrote() -> None:
    async with World("sqlite") as world, rival(world, times=3) as won:
        answer = await world.bob.insert("/alice/note", "<#a> a <#b> .")

        assert answer.status == 204
        assert won == [204, 204, 204]
        found = {quad.subject for quad in (await world.alice.get("/alice/note")).graph()}
        assert found == {f"{BASE}alice/note#rival2", f"{BASE}alice/note#a"}


async def test_who_keeps_losing_is_told_to_come_back() -> None:
    async with World("sqlite") as world, rival(world, times=100) as won:
        answer = await world.bob.put("/alice/note", "text/plain", "mine")

        assert answer.status == 503
        assert answer["retry-after"] == "1"
        assert len(won) > 1
        assert (await world.alice.get("/alice/note")).text.startswith("<#rival")


async def test_who_posts_while_the_policy_is_always_being_changed_is_told_to_come_back() -> None:
    async with World("sqlite") as world, rival(world, times=100, path="/alice/.acl") as won:
        answer = await world.bob.post("/alice/", "text/plain", "mine", slug="mine")

        assert answer.status == 503
        assert len(won) > 1
        assert "/alice/mine" not in await world.members("/alice/")


async def test_a_listing_that_changes_while_it_is_read_has_the_etag_of_what_it_lists() -> None:
    async with World("sqlite") as world, rival(world, times=1, watched="/alice/box/", path="/alice/box/new") as won:
        async with opened(world.parts.settings, world.served) as third:
            before = await Person(third.server()).get("/alice/box/")
        meanwhile = await world.bob.get("/alice/box/")
        after = await world.anyone.get("/alice/box/")

        answers = {answer["etag"]: answer.body for answer in (before, meanwhile, after)}
        assert won == [201]
        assert all(answers[answer["etag"]] == answer.body for answer in (before, meanwhile, after))


async def test_a_listing_that_never_stands_still_is_read_all_the_same() -> None:
    async with World("sqlite") as world, rival(world, times=100, watched="/alice/box/", path="/alice/box/new"):
        answer = await world.bob.get("/alice/box/")

        assert answer.status == 200
