"""Requests whose credentials are made to order, and what must become of wrong ones."""

from collections.abc import Mapping

from tests.asgi import Answer
from tests.tokens import Client, Json
from tests.world import BASE, Person, World, rule

PATH = "/alice/note"
URL = f"{BASE}alice/note"


async def made(world: World) -> None:
    await world.document(PATH)
    await world.policy(PATH, rule(world.bob, "read write"))


async def sent(world: World, *headers: tuple[str, str], method: str = "GET") -> Answer:
    return await world.anyone.request(method, PATH, headers=headers)


async def with_token(world: World, token: str, client: Client, proof: str | None = None) -> Answer:
    proof = client.proof("GET", URL, token) if proof is None else proof
    return await sent(world, ("authorization", f"DPoP {token}"), ("dpop", proof))


def token_of(person: Person, *, header: Mapping[str, Json] | None = None, **changes: Json) -> str:
    assert person.issuer is not None
    return person.issuer.token(client=person.client, header=header, **{"webid": person.webid, **changes})


def require_refused(answer: Answer, code: str, *, world: World) -> None:
    """Fails unless the credentials were refused, with the code in the challenge, whatever they were for."""
    assert answer.status == 401, answer.text
    assert f'error="{code}"' in answer["www-authenticate"]
    assert answer.json()["detail"]
    for person in (world.alice, world.bob):
        assert person.issuer is not None
        assert token_of(person).split(".")[2] not in answer.text
