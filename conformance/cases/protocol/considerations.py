"""What the specification encourages for security and privacy (Protocol, 13.1 and 13.2)."""

import re

from conformance.case import NotOffered, case
from conformance.cases.protocol._terms import n3, said
from conformance.exchange import TURTLE, Answer
from conformance.expect import require, same, status, succeeded
from conformance.world import NOTE, World

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
REFUSED = (401, 403, 404)


@case("http-request-headers-validity")
async def headers_that_make_no_sense_break_nothing(w: World) -> None:
    """They are passed over or refused, and never end in an error of the server."""
    url = await w.document()
    for name, value in (
        ("accept", ";;;q=q, /, text/turtle;q=banana"),
        ("accept", "," * 500),
        ("if-none-match", "\" , W/ ,,, '"),
        ("if-modified-since", "Thu, 99 Foo 20x6 25:61:00 GMT"),
        ("range", "bytes=z-a, -, 9-1"),
        ("prefer", 'return=; include="<'),
        ("link", '<<<>>>; rel=;;"type'),
        ("accept-language", "-;-;q=,*-*"),
        ("accept-encoding", "gzip;q=nan, ,identity;q=-1"),
    ):
        answer = await w.alice.request("GET", url, [(name, value)])
        require(answer.status < 500, f"GET with {name}: {value[:30]} is answered, and not with {answer.status}")


@case("request-sanitization", "http-request-headers-validity")
async def hints_are_made_harmless(w: World) -> None:
    """What is posted lies in the container, whatever Slug says; nothing of it gets into the headers of the answer."""
    box = await w.folder("box")
    for slug in (
        "../../up",
        "..",
        ".",
        "%2e%2e%2fup",
        "a%0d%0aX-Evil: 1",
        "a?b#c",
        "<script>",
        "nul%00",
        "\\..\\up",
        "x" * 3000,
    ):
        answer = await w.alice.post(box, TURTLE, NOTE, slug=slug)
        require(answer.status < 500, f"POST with Slug: {slug[:20]} is answered, and not with {answer.status}")
        require(not answer.header("x-evil"), "a hint makes no header")
        if 200 <= answer.status < 300:
            name = answer.location.removeprefix(box)
            require(answer.location.startswith(box) and name, f"what is posted as {slug[:20]} lies in the container")
            require(not re.search(r"[/?#<>\\\s]|^\.+$", name), f"{name} is a harmless name")
            status(await w.alice.get(answer.location), 200)
    require(await w.members(w.place) == {box}, "nothing lies elsewhere")


@case("request-sanitization")
async def types_of_media_get_nowhere_else(w: World) -> None:
    """What comes as a type goes out as that type, if at all: it is no place for other headers."""
    url = w.url("strange")
    answer = await w.alice.put(url, 'text/plain; x="a, b"; charset="utf-8"', "text")
    require(answer.status < 500, f"PUT with a long Content-Type is answered, and not with {answer.status}")
    status(await w.alice.put(url, "no media type at all", "text"), 400, 415, 201, 200, 204, 205)
    found = await w.alice.get(url)
    require(found.status < 500, f"GET after it is answered, and not with {found.status}")


@case("restrict-untrusted-requests", "authorization-resources")
async def who_knows_a_url_may_not_use_it_for_that(w: World) -> None:
    """A name that cannot be guessed protects nothing: it is the rights that do."""
    url = await w.document(w.fresh() + w.fresh())
    for who in (w.anyone, w.bob):
        status(await who.get(url), *REFUSED)
        status(await who.put(url, TURTLE, NOTE), *REFUSED)
        status(await who.delete(url), *REFUSED)
    status(await w.alice.get(url), 200)


@case("exposing-information")
async def who_may_not_know_is_not_told_what_is_there(w: World) -> None:
    """What is there and what is not there is refused alike, in status and in headers."""
    there, missing = await w.document("there.ttl"), w.url("miss.ttl")
    for who in (w.anyone, w.bob):
        for method in ("GET", "HEAD", "DELETE"):
            one, other = await who.send(method, there), await who.send(method, missing)
            require(
                one.status == other.status, f"{method} by {who.name} is refused alike: {one.status}, {other.status}"
            )
            for name in ("etag", "last-modified", "content-location", "allow", "link"):
                told = f"{name.title()} tells {who.name} no difference"
                require(_generic(one, name, there) == _generic(other, name, missing), told)


def _generic(answer: Answer, name: str, url: str) -> str:
    """A header without the name of what was asked for."""
    last = url.rpartition("/")[2]
    return answer.header(name).replace(last, "…")


@case("identifiable-information-error-responses")
async def refusals_name_nobody(w: World) -> None:
    """Neither who owns what was asked for, nor who else may do what."""
    url = await w.document()
    await w.share(url, (w.bob, "read"))
    for method in ("GET", "PUT", "DELETE"):
        content = {"content_type": TURTLE} if method == "PUT" else {}
        answer = await w.anyone.send(method, url, NOTE if content else b"", **content)
        status(answer, *REFUSED)
        told = answer.text + "".join(value for _, value in answer.headers)
        for person in (w.alice, w.bob):
            require(person.webid not in told, f"the refusal does not tell the WebID of {person.name}")


@case("user-agent-assumptions")
async def whoever_looks_like_a_browser_is_asked_the_same(w: World) -> None:
    """An app in a browser wants Turtle as well; what it accepts counts, and not what it calls itself."""
    url = await w.document()
    plain = await w.alice.get(url, TURTLE)
    for headers in (
        {"user_agent": BROWSER},
        {"user_agent": BROWSER, "origin": "https://app.example"},
        {"user_agent": ""},
    ):
        answer = await w.alice.get(url, TURTLE, **headers)
        status(answer, 200)
        require(answer.media_type == TURTLE, f"who accepts {TURTLE} gets it")
        same(answer.graph(), plain.graph())
        succeeded(await w.alice.put(url, TURTLE, NOTE, **headers))


@case("protect-sensitive-information")
async def strangers_do_not_say_who_may_vouch_for_alice(w: World) -> None:
    """The issuer in a profile decides who can sign in as its owner."""
    profile = w.alice.webid.partition("#")[0]
    if not profile.startswith(w.target.url):
        raise NotOffered("The profile of Alice is not on this server.")
    evil = f"<{w.alice.webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.example/>."
    for who in (w.bob, w.anyone):
        answer = await who.patch(profile, n3(inserts=evil))
        if answer.status < 300:
            await w.alice.patch(profile, n3(deletes=evil))
        status(answer, *REFUSED, 405, 409)
    require("evil.example" not in (await w.alice.get(profile, TURTLE)).text, "the profile is as it was")


@case("reject-bad-requests")
async def bad_requests_change_nothing(w: World) -> None:
    """Requests that conflict with the specification are refused with 4xx, and not half done."""
    url = await w.document()
    for answer in (
        await w.alice.request("PUT", url, [], "<#b> a <#Thing> ."),
        await w.alice.patch(url, "_:p <#is> <#nothing>."),
        await w.alice.delete(w.place),
        await w.alice.post(w.url("none/"), TURTLE, NOTE),
        await w.alice.put(f"{url}/", TURTLE, ""),
    ):
        require(
            400 <= answer.status < 500, f"{answer.method} {answer.url} is refused, not answered with {answer.status}"
        )
    require(await w.members(w.place) == {url}, "the container is as it was")
    same((await w.alice.get(url, TURTLE)).graph(), said(NOTE, url))
