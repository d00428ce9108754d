"""What is measured."""

import asyncio
import base64
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.load import CONNECTIONS, Connection, Wanted, request
from tests.tokens import Client, Issuer

SIGNED_AHEAD = 12_000
"""Proofs made before a window, so that signing does not take from what is measured."""
SAME = 500
"""Patches to one resource in a window; it grows with each."""


def turtle(triples: int) -> bytes:
    """A document about people, with four triples for each."""
    people = [
        f'<#p{number}> a foaf:Person; foaf:name "Person {number}"; foaf:age {number}; foaf:knows <#p{number + 1}>.'
        for number in range(triples // 4)
    ]
    return "\n".join(["@prefix foaf: <http://xmlns.com/foaf/0.1/>.", *people, ""]).encode()


SMALL = turtle(20)
LARGE = turtle(10_000)
BINARY = bytes(100_000)


def patch(number: int) -> bytes:
    """An N3 Patch that adds one triple."""
    return (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>.\n"
        f'_:p a solid:InsertDeletePatch; solid:inserts {{ <#log> <http://example.org/entry> "{number}". }}.\n'
    ).encode()


@dataclass
class Bench:
    """Who asks, and where."""

    issuer: Issuer
    client: Client
    port: int
    ceiling_port: int
    script: tuple[str, str] = ("", "")
    """Id and secret of a script that the server itself gives tokens."""
    names: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """The owner of the pod, and its token."""
        self.webid = f"{self.issuer.url}profile#me"
        self.token = self.issuer.token(webid=self.webid, client=self.client)
        self.host = f"localhost:{self.port}"

    def signed(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """A request with a fresh proof."""
        proved = self.client.headers(method, f"http://{self.host}{path}", self.token)
        return request(method, self.host, path, body, **headers, **proved)

    def plain(self, path: str, **headers: str) -> bytes:
        """A GET by nobody known."""
        return request("GET", self.host, path, b"", **headers)

    async def do(self, data: list[bytes], allowed: frozenset[int] = frozenset({200, 201, 204})) -> None:
        """Send requests to the server before a window."""
        loop = asyncio.get_running_loop()
        waiting = iter(data)

        async def run() -> None:
            _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
            for one in waiting:
                status = await connection.ask(one)
                if status not in allowed:
                    raise SystemExit(f"{one.partition(b' HTTP')[0].decode()}: {status}")
            connection.close()

        await asyncio.gather(*(run() for _ in range(16)))

    async def prepare(self) -> None:
        """Let everyone read in the pod, and put there what is read."""
        policy = (
            "@prefix acl: <http://www.w3.org/ns/auth/acl#>.\n"
            f"<#owner> a acl:Authorization; acl:agent <{self.webid}>; acl:accessTo <./>; acl:default <./>;"
            " acl:mode acl:Read, acl:Write, acl:Control.\n"
            "<#public> a acl:Authorization; acl:agentClass <http://xmlns.com/foaf/0.1/Agent>; acl:accessTo <./>;"
            " acl:default <./>; acl:mode acl:Read.\n"
        )
        await self.do([self.signed("PUT", "/bench/.acl", policy.encode(), content_type="text/turtle")])
        contents = (("small.ttl", SMALL), ("large.ttl", LARGE))
        await self.do([self.signed("PUT", f"/bench/{name}", one, content_type="text/turtle") for name, one in contents])
        binary = "application/octet-stream"
        await self.do([self.signed("PUT", "/bench/binary", BINARY, content_type=binary)])
        for size in (100, 1_000, 10_000):
            paths = [f"/bench/list-{size}/{number}.ttl" for number in range(size)]
            await self.do([self.signed("PUT", path, SMALL, content_type="text/turtle") for path in paths])


def documents(bench: Bench) -> dict[str, tuple[str, str]]:
    """What the ceiling sends: by path the media type and the text."""
    profile = f"<{bench.webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{bench.issuer.url}>.\n"
    return {
        "/small.ttl": ("text/turtle", SMALL.decode()),
        "/small.jsonld": ("application/ld+json", "x" * 2_100),
        "/profile": ("text/turtle", profile),
        "/jwks": ("application/json", json.dumps(bench.issuer.jwks())),
        "/.well-known/openid-configuration": ("application/json", json.dumps(bench.issuer.configuration())),
    }


@dataclass(frozen=True, slots=True)
class Scenario:
    """Requests to the server, and to the ceiling where it has something to compare."""

    title: str
    server: Callable[[Bench], Awaitable[Iterator[Wanted]]]
    ceiling: Callable[[Bench], Iterator[Wanted]] | None = None
    goal: float = 0.0
    """The part of the ceiling that is to be reached."""
    connections: int = CONNECTIONS


def _again(data: bytes, status: int = 200) -> Iterator[Wanted]:
    return itertools.repeat(Wanted(data, status))


def _bare(path: str, status: int = 200, **headers: str) -> Callable[[Bench], Iterator[Wanted]]:
    return lambda bench: _again(request("GET", f"localhost:{bench.ceiling_port}", path, b"", **headers), status)


def _get(path: str, accept: str) -> Callable[[Bench], Awaitable[Iterator[Wanted]]]:
    async def requests(bench: Bench) -> Iterator[Wanted]:
        return _again(bench.plain(path, accept=accept))

    return requests


def _signed(method: str, path: str, count: int = SIGNED_AHEAD) -> Callable[[Bench], Awaitable[Iterator[Wanted]]]:
    async def requests(bench: Bench) -> Iterator[Wanted]:
        return iter([Wanted(bench.signed(method, path, accept="text/turtle"), 200) for _ in range(count)])

    return requests


def _proved(method: str, path: str, body: bytes, status: int) -> Callable[[Bench], Iterator[Wanted]]:
    def requests(bench: Bench) -> Iterator[Wanted]:
        host = f"localhost:{bench.ceiling_port}"
        for _ in range(SIGNED_AHEAD):
            place = path.replace("NAME", str(next(bench.names)))
            proved = bench.client.headers(method, f"http://{host}{place}", bench.token)
            yield Wanted(request(method, host, place, body, **proved), status)

    return lambda bench: iter(list(requests(bench)))


async def _same(bench: Bench) -> Iterator[Wanted]:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", bench.port)
    await connection.ask(bench.plain("/bench/small.ttl", accept="text/turtle"))
    tag = connection.headers[b"etag"].decode()
    connection.close()
    return _again(bench.plain("/bench/small.ttl", accept="text/turtle", if_none_match=tag), 304)


async def _put_new(bench: Bench) -> Iterator[Wanted]:
    folder = f"/bench/new-{next(bench.names)}"
    paths = [f"{folder}/{number}.ttl" for number in range(SIGNED_AHEAD)]
    return iter([Wanted(bench.signed("PUT", path, SMALL, content_type="text/turtle"), 201) for path in paths])


async def _put_large(bench: Bench) -> Iterator[Wanted]:
    folder = f"/bench/large-{next(bench.names)}"
    paths = [f"{folder}/{number}.ttl" for number in range(1_000)]
    return iter([Wanted(bench.signed("PUT", path, LARGE, content_type="text/turtle"), 201) for path in paths])


async def _post(bench: Bench) -> Iterator[Wanted]:
    folder = f"/bench/posted-{next(bench.names)}/"
    await bench.do([bench.signed("PUT", folder, content_type="text/turtle")])
    return iter(
        [
            Wanted(bench.signed("POST", folder, SMALL, content_type="text/turtle", slug=f"note {number}"), 201)
            for number in range(SIGNED_AHEAD)
        ]
    )


async def _filled(bench: Bench, size: int) -> list[str]:
    folder = f"/bench/filled-{next(bench.names)}"
    paths = [f"{folder}/{number}.ttl" for number in range(size)]
    await bench.do([bench.signed("PUT", path, SMALL, content_type="text/turtle") for path in paths])
    return paths


async def _patch_distinct(bench: Bench) -> Iterator[Wanted]:
    paths = await _filled(bench, 1_000)
    places = itertools.islice(itertools.cycle(paths), SIGNED_AHEAD // 2)
    return iter(
        [
            Wanted(bench.signed("PATCH", path, patch(number), content_type="text/n3"), 204)
            for number, path in enumerate(places)
        ]
    )


async def _patch_same(bench: Bench) -> Iterator[Wanted]:
    (path,) = await _filled(bench, 1)
    patches = [bench.signed("PATCH", path, patch(number), content_type="text/n3") for number in range(SAME)]
    return iter([Wanted(one, 204) for one in patches])


async def _delete(bench: Bench) -> Iterator[Wanted]:
    return iter([Wanted(bench.signed("DELETE", path), 205) for path in await _filled(bench, 4_000)])


async def _tokens(bench: Bench) -> Iterator[Wanted]:
    credentials = base64.b64encode(":".join(bench.script).encode()).decode()
    url = f"http://{bench.host}/.oidc/token"

    def asking() -> bytes:
        headers = {"authorization": f"Basic {credentials}", "dpop": bench.client.proof("POST", url)}
        form = "application/x-www-form-urlencoded"
        return request(
            "POST", bench.host, "/.oidc/token", b"grant_type=client_credentials", content_type=form, **headers
        )

    return iter([Wanted(asking(), 200) for _ in range(SIGNED_AHEAD)])


SCENARIOS: dict[str, Scenario] = {
    "get": Scenario("GET, 20 triples, Turtle", _get("/bench/small.ttl", "text/turtle"), _bare("/small.ttl"), 0.45),
    "get_jsonld": Scenario(
        "the same as JSON-LD", _get("/bench/small.ttl", "application/ld+json"), _bare("/small.jsonld"), 0.40
    ),
    "get_dpop": Scenario(
        "the same with DPoP", _signed("GET", "/bench/small.ttl"), _proved("GET", "/verified", b"", 200), 0.60
    ),
    "get_304": Scenario("conditional GET, 304", _same, _bare("/same", 304, if_none_match='"same"'), 0.45),
    "get_100k": Scenario("GET of 100 kB", _get("/bench/binary", "*/*"), _bare("/large"), 0.50),
    "put_new": Scenario("PUT of new resources, DPoP", _put_new, _proved("PUT", "/new/NAME", SMALL, 201), 0.50),
    "patch_distinct": Scenario("N3 Patch, distinct resources, DPoP", _patch_distinct),
    "patch_same": Scenario("N3 Patch, one resource, DPoP", _patch_same),
    "post": Scenario("POST with Slug, DPoP", _post),
    "delete": Scenario("DELETE, DPoP", _delete),
    "list_100": Scenario("listing of 100", _get("/bench/list-100/", "text/turtle")),
    "list_1000": Scenario("listing of 1,000", _get("/bench/list-1000/", "text/turtle"), connections=2),
    "list_10000": Scenario("listing of 10,000", _get("/bench/list-10000/", "text/turtle"), connections=2),
    "get_10k": Scenario("GET of 10,000 triples, Turtle", _get("/bench/large.ttl", "text/turtle"), connections=2),
    "get_10k_jsonld": Scenario(
        "GET of 10,000 triples, JSON-LD", _get("/bench/large.ttl", "application/ld+json"), connections=2
    ),
    "tokens": Scenario("access tokens by id and secret, DPoP", _tokens),
    "put_10k": Scenario("PUT of 10,000 triples, DPoP", _put_large, connections=2),
}
