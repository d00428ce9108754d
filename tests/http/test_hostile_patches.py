"""Patches that are made to keep the server busy, or sent by who may do nothing."""

import pytest

from pod.config import Limits
from tests.world import N3, SPARQL, World, n3, rule


@pytest.mark.spec("restrict-untrusted-requests")
async def test_who_may_do_nothing_is_refused_before_a_patch_is_read(world: World) -> None:
    async def never() -> bytes:
        raise AssertionError("content was read")

    await world.folder("/alice/box/")
    await world.policy("/alice/box/", rule(world.bob, "read"))
    for person, path, status in (
        (world.anyone, "/alice/x", 401),
        (world.bob, "/alice/x", 403),
        (world.bob, "/alice/box/.acl", 403),
    ):
        unread = never()
        answer = await person.patch(path, N3, [unread])
        unread.close()
        assert answer.status == status


@pytest.mark.parametrize(
    ("modes", "statuses"),
    [
        ("read", (409, 403, 403)),
        ("append", (403, 204, 403)),
        ("write", (403, 204, 204)),
        ("read write", (409, 204, 204)),
    ],
)
async def test_a_patch_is_read_for_whoever_may_do_something(
    world: World, modes: str, statuses: tuple[int, int, int]
) -> None:
    await world.document("/alice/note")
    await world.policy("/alice/note", rule(world.bob, modes))
    patches = (
        (N3, n3(where="?a ex:none ?b .")),
        (N3, n3(inserts="<#a> ex:b 1 .")),
        (SPARQL, "DELETE DATA { <#a> <https://voc.example/#b> 1 }"),
    )

    assert tuple([(await world.bob.patch("/alice/note", *patch)).status for patch in patches]) == statuses


async def test_a_patch_that_is_nested_without_end_is_refused(world: World) -> None:
    async with world.unchanged():
        for opening in ("(", "[ ex:p ", "{ "):
            answer = await world.alice.patch("/alice/x", N3, n3(inserts="<#a> ex:b " + opening * 50_000))
            assert answer.status == 400
            assert "nested" in answer.json()["detail"]


async def test_a_condition_of_ten_thousand_triples_is_refused(world: World) -> None:
    where = " ".join(f"?s{number} ex:p{number} ?o{number} ." for number in range(10_000))
    update = "PREFIX ex: <https://voc.example/#> INSERT { <#a> a ex:A } WHERE { " + where + " }"
    await world.document("/alice/note")

    async with world.unchanged():
        assert (await world.alice.patch("/alice/note", N3, n3(where=where, inserts="<#a> a ex:A ."))).status == 422
        assert (await world.alice.patch("/alice/note", SPARQL, update)).status == 422


async def test_a_condition_that_fits_in_endless_ways_is_given_up(world: World) -> None:
    triples = " ".join(f"<#s{number}> <https://voc.example/#p> <#o{number}> ." for number in range(200))
    where = " ".join(f"?a{number} ex:p ?b{number} ." for number in range(8))
    await world.document("/alice/note", triples)

    async with world.unchanged():
        n3_answer = await world.alice.patch("/alice/note", N3, n3(where=where, inserts="<#a> a ex:A ."))
        update = f"PREFIX ex: <https://voc.example/#> INSERT {{ <#a> a ex:A }} WHERE {{ {where} }}"
        sparql = await world.alice.patch("/alice/note", SPARQL, update)

    assert n3_answer.status in {409, 422}
    assert sparql.status == 422


async def test_a_patch_may_not_make_a_document_larger_than_it_could_be_put() -> None:
    async with World(limits=Limits(rdf=200)) as world:
        await world.document("/alice/note", "<#a> a <#b> ." + " " * 180)

        async with world.unchanged():
            answer = await world.alice.insert("/alice/note", f"<#a> ex:b '{'x' * 200}' .")

        assert answer.status == 413
