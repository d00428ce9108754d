"""Pages of other origins: what `Origin` changes about access, and what their scripts get to see (WAC, 5.3.3)."""

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import NotOffered, case
from conformance.cases.wac._policies import EVERYONE, agent, govern, rule, shared
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import NOTE, World

APP = "https://app.example"
OTHER = "https://other.example"


@case("authorization-evaluation-origin", "acl-origin", needs=("wac",))
async def without_the_header_an_origin_in_a_rule_does_not_matter(w: World) -> None:
    await readable(await shared(w, "read", f"{agent(w.bob)}; acl:origin <{APP}>"), w.bob)


@case("server-origin-authorization", "acl-origin", needs=("wac",))
async def an_agent_and_an_origin_that_are_named_together_have_access(w: World) -> None:
    url = await shared(w, "read", f"{agent(w.bob)}; acl:origin <{APP}>")
    status(await w.bob.get(url, origin=APP), 200)
    status(await w.bob.head(url, origin=APP), 200)


@case("server-origin-authorization", needs=("wac",))
async def an_agent_and_an_origin_may_be_named_by_two_rules(w: World) -> None:
    """There must be an Authorization for the agent and one with the origin; they need not be the same (WAC, 5.3.3)."""
    url = await w.document()
    origins = rule(f"acl:agent <https://somebody.example/#me>; acl:origin <{APP}>", "write", to=url)
    await govern(w, url, rule(agent(w.bob), "write", to=url), origins)
    succeeded(await w.bob.put(url, TURTLE, NOTE, origin=APP))


@case("server-origin-authorization", "acl-origin", needs=("wac",))
async def an_origin_alone_gives_nobody_access(w: World) -> None:
    """Access takes an Authorization for the agent besides the one with the origin; anyone can send the header."""
    url = await shared(w, "read write", f"acl:origin <{APP}>")
    await hidden(url, w.bob, w.anyone)
    for who in (w.bob, w.anyone):
        denied(await who.get(url, origin=APP))
        denied(await who.put(url, TURTLE, "", origin=APP))
    await unchanged(w, url)


@case("server-origin-authorization", "acl-agentclass-foaf-agent", needs=("wac",))
async def what_everyone_may_pages_of_any_origin_may(w: World) -> None:
    """An origin need not be named where the mode is there for all agents (WAC, 5.3.3)."""
    url = await shared(w, "read", EVERYONE)
    for who in (w.bob, w.anyone):
        status(await who.get(url, origin=APP), 200)


@case("server-origin-authorization", needs=("wac",))
async def an_origin_gives_no_mode_that_its_rule_does_not(w: World) -> None:
    url = await shared(w, "read", f"{agent(w.bob)}; acl:origin <{APP}>")
    denied(await w.bob.put(url, TURTLE, "", origin=APP))
    denied(await w.anyone.get(url, origin=APP))
    await unchanged(w, url)


@case("access-subject-origin-rejection-reason", needs=("wac",))
async def a_refusal_says_whether_it_is_for_the_origin(w: World) -> None:
    """Most servers trust every origin, as they may (WAC, 5.3.3, note on trusted origins); then it does not apply."""
    url = await shared(w, "read", f"{agent(w.bob)}; acl:origin <{APP}>")
    answer = await w.bob.get(url, origin=OTHER)
    if answer.status == 200:
        raise NotOffered("The server refuses nothing for its origin.")
    refused = await w.bob.get(await shared(w, ""), origin=OTHER)
    require(answer.text != refused.text, "a refusal for the origin reads otherwise than one for the agent")
    require("origin" in answer.text.lower(), "a refusal for the origin says so")


@case("server-cors-acao-acah", needs=("wac",))
async def a_page_may_read_what_it_has_access_to(w: World) -> None:
    url = await shared(w, "read", EVERYONE)
    for who in (w.bob, w.anyone):
        answer = await who.get(url, origin=APP)
        status(answer, 200)
        require(answer.header("access-control-allow-origin") in {APP, "*"}, "the origin is allowed to read the answer")


@case("server-cors-acao-acah", needs=("wac",))
async def an_answer_to_a_page_names_the_headers_that_it_may_send(w: World) -> None:
    """The sentence asks for Access-Control-Allow-Headers in the response to the request that was authorized.

    By Fetch it matters in the answers to preflights alone; one that names the headers there is taken as well.
    """
    url = await shared(w, "read", EVERYONE)
    answer = await w.anyone.get(url, origin=APP)
    status(answer, 200)
    asked = await w.anyone.options(
        url, origin=APP, access_control_request_method="GET", access_control_request_headers="authorization"
    )
    named = answer.names("access-control-allow-headers") | asked.names("access-control-allow-headers")
    require(named & {"authorization", "*"}, "the headers that a page may send are named")


@case("server-cors-aceh-wac-allow", needs=("wac",))
async def a_page_may_read_wac_allow(w: World) -> None:
    for url in (await shared(w, "read", EVERYONE), await shared(w, "read")):
        for method in ("GET", "HEAD"):
            answer = await w.bob.send(method, url, origin=APP)
            status(answer, 200)
            require("wac-allow" in answer.names("access-control-expose-headers"), "a page may read WAC-Allow")
