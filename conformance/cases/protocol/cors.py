"""Cross-origin resource sharing: apps come from elsewhere (Protocol, 8.1)."""

from collections.abc import Sequence

from conformance.case import case
from conformance.cases.protocol._terms import n3
from conformance.exchange import TURTLE, Answer
from conformance.expect import require, status, succeeded
from conformance.people import Anyone
from conformance.world import EVERYONE, NOTE, World

ORIGIN = "https://app.example"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
USED = (
    "accept-patch", "accept-post", "accept-put", "allow", "etag", "link", "location", "updates-via", "wac-allow",
    "www-authenticate", "content-range", "accept-ranges", "retry-after",
)  # fmt: skip
"""Headers that apps need and browsers keep back unless they are exposed (Fetch, CORS-safelisted response-header)."""


def _shared(answer: Answer, origin: str = ORIGIN) -> None:
    """Failed unless a page of that origin may read the answer."""
    found = answer.header("access-control-allow-origin")
    about = f"{answer.method} {answer.url} by {answer.who}, answered with {answer.status},"
    require(found == origin, f"{about} has Access-Control-Allow-Origin: {origin}, and not {found or 'none'}")
    require("origin" in answer.names("vary"), f"{about} lists Origin in Vary")


async def _answers(w: World) -> Sequence[Answer]:
    """Answers of each kind to requests with an Origin."""
    url = await w.document()
    origin = {"origin": ORIGIN}
    return [
        await w.alice.get(url, **origin),
        await w.alice.head(url, **origin),
        await w.alice.options(url, **origin),
        await w.alice.get(w.place, **origin),
        await w.alice.put(url, TURTLE, NOTE, **origin),
        await w.alice.post(w.place, TURTLE, NOTE, **origin),
        await w.alice.patch(url, n3(inserts="<#more> ex:is 1."), **origin),
        await w.alice.delete(url, **origin),
        await w.alice.get(url, **origin),
        await w.alice.delete(w.place, **origin),
        await w.alice.request("PUT", url, [("origin", ORIGIN)], NOTE),
        await w.bob.get(w.place, **origin),
        await w.anyone.get(w.place, **origin),
        await w.anyone.put(url, TURTLE, NOTE, **origin),
    ]


@case("server-cors", "server-cors-access-control-headers", "server-cors-acao-vary")
async def each_answer_may_be_read_by_the_page_that_asked(w: World) -> None:
    """Successes and refusals alike, for everybody."""
    for answer in await _answers(w):
        _shared(answer)


@case("server-cors-acao-vary")
async def the_origin_is_the_one_that_asked(w: World) -> None:
    """Whichever it is; none is preferred."""
    url = await w.document()
    for origin in (ORIGIN, "http://localhost:3000", "https://app.example:8443", "https://xn--bcher-kva.example"):
        _shared(await w.alice.get(url, origin=origin), origin)


@case("server-cors-aceh", "server-cors-enumerate")
async def headers_that_apps_need_may_be_read(w: World) -> None:
    """As 8.1 has it, "all used response headers", as far as apps have a use for them; by name, as `*` is not enough."""
    for answer in await _answers(w):
        exposed = answer.names("access-control-expose-headers")
        require("*" not in exposed, "headers are exposed by name")
        for name in USED:
            told = f"{name}, which {answer.method} {answer.url}, answered with {answer.status}, uses, is exposed"
            require(not answer.header(name) or name in exposed, told)


async def _preflight(who: Anyone, url: str, method: str, headers: str = "") -> Answer:
    named = {"access_control_request_headers": headers} if headers else {}
    return await who.options(url, origin=ORIGIN, access_control_request_method=method, **named)


@case("server-cors-options", "server-cors")
async def a_preflight_is_granted_without_credentials(w: World) -> None:
    """A browser sends none. The status is one of success (Fetch, CORS-preflight fetch)."""
    for url in (await w.document(), w.place, w.url("none.ttl"), w.url("none/"), w.target.storage):
        for method in METHODS:
            answer = await _preflight(w.anyone, url, method, "authorization,content-type,dpop")
            succeeded(answer)
            _shared(answer)
            allowed = answer.names("access-control-allow-methods")
            require(method.lower() in allowed, f"a preflight for {method} {url} allows it, with {sorted(allowed)}")


@case("server-cors-options", "server-cors", "server-cors-access-control-headers")
async def a_preflight_allows_all_headers_that_are_asked_for(w: World) -> None:
    """Those that Solid apps send, and any other; `*` does not cover Authorization, and nothing with credentials."""
    asked = "authorization,content-type,dpop,if-match,if-none-match,link,prefer,range,slug,x-anything-else"
    for url in (await w.document(), w.place, w.url("none.ttl")):
        answer = await _preflight(w.anyone, url, "PUT", asked)
        succeeded(answer)
        missing = set(asked.split(",")) - answer.names("access-control-allow-headers")
        require(not missing, f"a preflight allows what was asked for, also {', '.join(sorted(missing))}")


@case("server-cors-accept-acah")
async def a_preflight_allows_accept_when_it_is_asked_for(w: World) -> None:
    """A long Accept has to be allowed by name (8.1)."""
    for url in (await w.document(), w.place):
        answer = await _preflight(w.anyone, url, "GET", "accept,authorization,dpop")
        require("accept" in answer.names("access-control-allow-headers"), "Accept is in Access-Control-Allow-Headers")


@case("server-cors-options")
async def a_preflight_with_credentials_is_granted_as_well(w: World) -> None:
    url = await w.document()
    for who in (w.alice, w.bob):
        answer = await _preflight(who, url, "PATCH", "content-type")
        succeeded(answer)
        _shared(answer)


@case("server-cors.no-block")
async def an_origin_is_no_reason_to_refuse(w: World) -> None:
    """What Alice may do she may do from everywhere: an unknown origin gets what no origin gets."""
    url = await w.document()
    plain = await w.alice.get(url, TURTLE)
    for origin in (ORIGIN, "https://unheard-of.example", "http://192.0.2.1:8080"):
        answer = await w.alice.get(url, TURTLE, origin=origin)
        status(answer, plain.status)
        require(answer.content == plain.content, "the content is the same from everywhere")
        succeeded(await w.alice.put(url, TURTLE, NOTE, origin=origin))


@case("server-cors.no-block", "server-unauthenticated")
async def refusals_say_the_same_to_pages(w: World) -> None:
    """With 401, 403 or 404, which the page can read, and the challenge as well."""
    url = await w.document()
    for who in (w.anyone, w.bob):
        plain, shared = await who.get(url), await who.get(url, origin=ORIGIN)
        status(shared, plain.status)
        _shared(shared)
        challenge = shared.header("www-authenticate")
        exposed = shared.names("access-control-expose-headers")
        require(not challenge or "www-authenticate" in exposed, "a page can read the challenge")


@case("server-cors", "server-cors-access-control-headers")
async def what_is_public_may_be_read_by_every_page(w: World) -> None:
    """Without credentials, as a page that signs nobody in asks."""
    url = await w.document()
    await w.share(url, (EVERYONE, "read"))
    answer = await w.anyone.get(url, TURTLE, origin=ORIGIN)
    status(answer, 200)
    _shared(answer)


@case("server-cors", "server-cors-access-control-headers")
async def the_description_of_the_storage_may_be_read_by_pages(w: World) -> None:
    """Apps look there for notifications, and in the configuration of an issuer for how to sign in."""
    if w.target.description:
        answer = await w.alice.get(w.target.description, TURTLE, origin=ORIGIN)
        status(answer, 200)
        _shared(answer)
    if "issuer" in w.target.offers:
        configuration = f"{w.alice.given.issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = await w.anyone.get(configuration, origin=ORIGIN)
        status(answer, 200)
        _shared(answer)


@case("server-caching", "server-cors-acao-vary")
async def a_cache_is_told_that_answers_depend_on_the_origin(w: World) -> None:
    """Also for a request without one: otherwise a cache would hand out what no page may read (Fetch)."""
    answer = await w.alice.get(await w.document())
    require("origin" in answer.names("vary"), "Vary lists Origin, whether or not one was sent")
