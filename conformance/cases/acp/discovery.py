"""How an Access Control Resource is found, and what it says of itself (ACP, 7)."""

from conformance.access import absent, denied, hidden, readable
from conformance.case import case
from conformance.cases.acp._resources import PUBLIC, agent, govern, governed, note, policy, resource
from conformance.cases.acp._resources import box as box_of
from conformance.exchange import TURTLE, parsed
from conformance.expect import links, require, same, status, succeeded
from conformance.target import ACP
from conformance.world import ACL, NOTE, World

ACP_ONLY = ("acp",)
TYPE = f"{ACP}AccessControlResource"


@case("conforming-resource-server.link", "acp-resource", needs=ACP_ONLY)
async def reading_names_the_access_control_resource(w: World) -> None:
    for url in (await w.document(), await w.folder(), w.target.storage):
        for method in ("GET", "HEAD"):
            answer = await w.alice.send(method, url)
            status(answer, 200)
            links(answer, "acl")


@case("conforming-resource-server.link", needs=ACP_ONLY)
async def all_who_read_are_told_of_the_access_control_resource(w: World) -> None:
    url = await governed(w, policy(allow="read", any_of=[PUBLIC]))
    expected = await w.policy_of(url)
    for who in (w.bob, w.anyone):
        links(await who.get(url), "acl", expected)


@case("conforming-resource-server.link", needs=ACP_ONLY)
async def answers_to_options_name_the_access_control_resource(w: World) -> None:
    """The Link belongs to every response about a controlled resource (ACP, 7.1)."""
    links(await w.alice.options(await w.document()), "acl")


@case("conforming-resource-server.link", needs=ACP_ONLY)
async def answers_to_writes_name_the_access_control_resource(w: World) -> None:
    """The Link belongs to every response about a controlled resource (ACP, 7.1)."""
    url = await w.document()
    answer = await w.alice.put(url, TURTLE, NOTE)
    succeeded(answer)
    links(answer, "acl")


@case("conforming-acp-server.type", "acp-Access-Control-Resource", needs=ACP_ONLY)
async def an_access_control_resource_says_what_it_is(w: World) -> None:
    for url in (await w.document(), await w.folder()):
        acr = await govern(w, url)
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await w.alice.send(method, acr)
            succeeded(answer)
            links(answer, "type", TYPE)


@case("conforming-acp-server.type", needs=ACP_ONLY)
async def other_resources_are_no_access_control_resources(w: World) -> None:
    for url in (await w.document(), await w.folder()):
        require(TYPE not in (await w.alice.get(url)).linked("type"), "only what is an ACR says so")


@case("conforming-acp-server.grant", "acp-access-mode", needs=ACP_ONLY)
async def options_names_the_modes_that_count(w: World) -> None:
    answer = await w.alice.options(await govern(w, await w.document()))
    named = set(answer.linked(f"{ACP}grant"))
    require(named, f"OPTIONS of an ACR has Links with rel={ACP}grant")
    require({f"{ACL}Read", f"{ACL}Write"} <= named, "the modes of reading and writing are among them, by full IRIs")


@case("conforming-acp-server.attribute", needs=ACP_ONLY)
async def options_names_the_attributes_that_count(w: World) -> None:
    answer = await w.alice.options(await govern(w, await w.document()))
    named = set(answer.linked(f"{ACP}attribute"))
    require(f"{ACP}agent" in named, f"OPTIONS of an ACR has Links with rel={ACP}attribute, by full IRIs")
    require(all("://" in one for one in named), "each attribute is named by its IRI")


@case("acp-Access-Control-Resource", "acp-resource", needs=ACP_ONLY)
async def an_access_control_resource_says_what_was_written(w: World) -> None:
    url = await w.document()
    acr = await w.policy_of(url)
    content = resource(w, url, [policy(allow="read", any_of=[agent(w.bob)])])
    succeeded(await w.alice.put(acr, TURTLE, content))
    answer = await w.alice.get(acr, TURTLE)
    status(answer, 200)
    same(answer.graph(acr), parsed(content, "turtle", acr, "the ACR"))


@case("acp-resource", "acp-Access-Control-Resource", needs=ACP_ONLY)
async def an_access_control_resource_gives_nothing_on_another_resource(w: World) -> None:
    """It controls the resource that it belongs to; else who controls one could give away any."""
    mine, other = await governed(w, policy(allow="control", any_of=[agent(w.bob)])), await governed(w)
    stolen = resource(w, other, [policy(allow="read control", any_of=[agent(w.bob)])])
    await w.bob.put(await w.policy_of(mine), TURTLE, stolen)
    await hidden(other, w.bob)
    denied(await w.bob.get(await w.policy_of(other)))


@case("conforming-acp-server.lifecycle", needs=ACP_ONLY)
async def an_access_control_resource_goes_with_its_resource(w: World) -> None:
    url = await governed(w, policy(allow="read", any_of=[agent(w.bob)]))
    await readable(url, w.bob)
    succeeded(await w.alice.delete(url))
    w.prepared(await w.alice.put(url, TURTLE, NOTE), "make the document again")
    await hidden(url, w.bob)


@case("conforming-resource-server.authorize", "acp-access-mode", needs=ACP_ONLY)
async def an_access_control_resource_is_for_who_has_control(w: World) -> None:
    """Which mode it takes ACP leaves to servers, and those of Solid take acl:Control."""
    url = await w.document()
    acr = await govern(w, url, policy(allow="read append write", any_of=[agent(w.bob)]))
    for method in ("GET", "HEAD", "DELETE"):
        denied(await w.bob.send(method, acr))
    mine = resource(w, url, [policy(allow="control", any_of=[agent(w.bob)])])
    denied(await w.bob.put(acr, TURTLE, mine))
    await govern(w, url, policy(allow="control", any_of=[agent(w.bob)]))
    status(await w.bob.get(acr, TURTLE), 200)
    denied(await w.bob.get(url))


@case("conforming-resource-server.authorize", needs=ACP_ONLY)
async def what_is_not_there_is_as_hidden_as_what_is(w: World) -> None:
    folder = await box_of(w)
    url, missing = await note(w, folder), folder + w.fresh(".ttl")
    for who in (w.bob, w.anyone):
        answers = [(await who.get(one)).status for one in (url, missing)]
        require(answers[0] == answers[1], "what is there and what is not is refused alike")
    await absent(w, missing)
