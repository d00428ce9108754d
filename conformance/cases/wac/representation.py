"""Policies as documents: read, written, changed and deleted (WAC, 3.3)."""

import json

from conformance.access import absent, denied, hidden, readable, there
from conformance.case import case
from conformance.cases.wac._policies import PREFIXES, agent, govern, own, rule
from conformance.exchange import JSON_LD, TURTLE, parsed
from conformance.expect import has, refused, require, same, status, succeeded
from conformance.world import ACL, NOTE, World

SOLID = f"{PREFIXES}@prefix solid: <http://www.w3.org/ns/solid/terms#>.\n"


def inserts(rules: str) -> str:
    """An N3 Patch that adds these statements."""
    return f"{SOLID}_:p a solid:InsertDeletePatch; solid:inserts {{ {rules} }}."


@case("server-get-acl-turtle", needs=("wac",))
async def a_policy_is_served_as_turtle(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url)
    answer = await w.alice.get(policy, TURTLE)
    status(answer, 200)
    require(answer.media_type == TURTLE, f"a policy comes as {TURTLE} to who asks for it")
    has(answer.graph(), None, f"{ACL}accessTo", url)


@case("server-get-acl-turtle", needs=("wac",))
async def head_of_a_policy_says_that_it_is_turtle(w: World) -> None:
    policy = await govern(w, await w.document())
    answer = await w.alice.head(policy, TURTLE)
    status(answer, 200)
    require(answer.media_type == TURTLE, f"HEAD of a policy says {TURTLE} to who asks for it")
    require(answer.content == b"", "HEAD has no content")


@case("server-get-acl-turtle", needs=("wac",))
async def the_policy_of_a_container_is_served_as_turtle(w: World) -> None:
    url = await w.folder()
    answer = await w.alice.get(await govern(w, url), TURTLE)
    status(answer, 200)
    has(answer.graph(), None, f"{ACL}default", url)


@case("server-get-acl-turtle", "auxiliary-resources-rdf-document", needs=("wac",))
async def a_policy_says_what_was_written(w: World) -> None:
    url = await w.document()
    policy = await w.policy_of(url)
    content = PREFIXES + own(w, url) + "<#more> <https://voc.example/says> 'anything', 1.5, [ foaf:name 'it'@en ]."
    succeeded(await w.alice.put(policy, TURTLE, content))
    answer = await w.alice.get(policy, TURTLE)
    status(answer, 200)
    same(answer.graph(policy), parsed(content, "turtle", policy, "the policy"))


@case("server-put-patch-auxiliary-resource", "server-control-operation", needs=("wac",))
async def a_policy_can_be_replaced(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    await govern(w, url, rule(agent(w.bob), "append", to=url))
    await hidden(url, w.bob)


@case("server-control-operation", "effective-acl-resource-without-representation", needs=("wac",))
async def a_policy_can_be_deleted_and_what_is_inherited_counts_again(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    succeeded(await w.alice.delete(policy))
    await absent(w, policy)
    await there(w, url)
    await hidden(url, w.bob)


@case("server-put-patch-auxiliary-resource", "server-patch-n3-accept", needs=("wac",))
async def a_patch_adds_a_rule_to_a_policy(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url)
    await hidden(url, w.bob)
    succeeded(await w.alice.patch(policy, inserts(rule(agent(w.bob), "read", to=url))))
    await readable(url, w.bob, w.alice)


@case("server-put-patch-auxiliary-resource", "server-patch-n3-accept", needs=("wac",))
async def a_patch_takes_a_mode_out_of_a_policy(w: World) -> None:
    url = await w.document()
    policy = await w.policy_of(url)
    bobs = f"<{policy}#bob> a acl:Authorization; acl:agent <{w.bob.webid}>; acl:accessTo <{url}>; acl:mode"
    w.prepared(
        await w.alice.put(policy, TURTLE, PREFIXES + own(w, url) + f"{bobs} acl:Read, acl:Append."), "set a policy"
    )
    await readable(url, w.bob)
    patch = f"{SOLID}_:p a solid:InsertDeletePatch; solid:deletes {{ <{policy}#bob> acl:mode acl:Read. }}."
    succeeded(await w.alice.patch(policy, patch))
    await hidden(url, w.bob)


@case("server-put-patch-auxiliary-resource", needs=("wac",))
async def a_patch_makes_a_policy_where_there_was_none(w: World) -> None:
    url = await w.document()
    policy = await w.policy_of(url)
    succeeded(await w.alice.patch(policy, inserts(own(w, url) + rule(agent(w.bob), "read", to=url))))
    await there(w, policy)
    await readable(url, w.bob)


@case("server-representation-turtle-jsonld", needs=("wac",))
async def a_policy_is_served_as_json_ld(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url, rule(agent(w.bob), "read", to=url))
    answer = await w.alice.get(policy, JSON_LD)
    status(answer, 200)
    require(answer.media_type == JSON_LD, f"a policy comes as {JSON_LD} to who asks for it")
    has(answer.graph(policy), None, f"{ACL}agent", w.bob.webid)


@case("server-representation-turtle-jsonld", "acl-agent", needs=("wac",))
async def a_policy_may_be_written_in_json_ld(w: World) -> None:
    url = await w.document()
    policy = await w.policy_of(url)
    rules = [
        {"@id": f"#{name}", "@type": "Authorization", "agent": {"@id": one}, "accessTo": {"@id": url}, "mode": modes}
        for name, one, modes in (
            ("alice", w.alice.webid, [{"@id": f"{ACL}{mode}"} for mode in ("Read", "Write", "Control")]),
            ("bob", w.bob.webid, {"@id": f"{ACL}Read"}),
        )
    ]
    succeeded(await w.alice.put(policy, JSON_LD, json.dumps({"@context": {"@vocab": ACL}, "@graph": rules})))
    await readable(url, w.bob, w.alice)
    await hidden(url, w.anyone)
    answer = await w.alice.get(policy, TURTLE)
    status(answer, 200)
    has(answer.graph(policy), None, f"{ACL}agent", w.bob.webid)


@case("server-get-acl-without-representation", "server-acl-without-representation", needs=("wac",))
async def the_policy_of_a_document_that_inherits_is_not_found(w: World) -> None:
    url = await w.document()
    status(await w.alice.get(await w.policy_of(url)), 404)


@case("server-get-acl-without-representation", needs=("wac",))
async def head_of_a_policy_that_is_not_there_is_not_found(w: World) -> None:
    status(await w.alice.head(await w.policy_of(await w.document())), 404)


@case("server-get-acl-without-representation", "server-acl-without-representation", needs=("wac",))
async def the_policy_of_a_container_that_inherits_is_not_found(w: World) -> None:
    url = await w.folder()
    policy = await w.policy_of(url)
    status(await w.alice.get(policy), 404)
    status(await w.alice.head(policy), 404)


@case("server-acl-without-representation", needs=("wac",))
async def what_is_posted_gets_no_policy_of_its_own(w: World) -> None:
    """A policy that came with each new resource would end the inheritance that its owner counts on."""
    answer = w.prepared(await w.alice.post(w.place, TURTLE, NOTE), "post a document")
    status(await w.alice.get(await w.policy_of(answer.location)), 404)


@case("server-acl-without-representation", needs=("wac",))
async def what_somebody_else_makes_gets_no_policy_of_its_own(w: World) -> None:
    url = await w.folder()
    await govern(w, url, rule(agent(w.bob), "read write", to=url, default=url))
    made = f"{url}{w.fresh('.ttl')}"
    w.prepared(await w.bob.put(made, TURTLE, NOTE), "make a document as Bob")
    status(await w.alice.get(await w.policy_of(made)), 404)


@case("server-delete-remove-auxiliary-resource", needs=("wac",))
async def a_policy_goes_with_its_document(w: World) -> None:
    """What comes later at the same URL inherits anew (WAC, 5.3.1, note on reinstated resources)."""
    url = await w.document()
    policy = await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    succeeded(await w.alice.delete(url))
    denied(await w.bob.get(url))
    w.prepared(await w.alice.put(url, TURTLE, NOTE), "make the document again")
    status(await w.alice.get(policy), 404)
    await hidden(url, w.bob)


@case("server-delete-remove-auxiliary-resource", needs=("wac",))
async def a_policy_goes_with_its_container(w: World) -> None:
    url = await w.folder()
    await govern(w, url, rule(agent(w.bob), "read", to=url, default=url))
    succeeded(await w.alice.delete(url))
    await w.folder(url.removeprefix(w.place))
    status(await w.alice.get(await w.policy_of(url)), 404)
    await hidden(url, w.bob)


@case("server-auxiliary-resources-management", needs=("wac",))
async def a_policy_is_no_member_of_the_container(w: World) -> None:
    url = await w.document()
    policies = {await govern(w, url), await govern(w, w.place)}
    members = await w.members(w.place)
    require(not members & policies, "policies are not listed among the members of a container")


@case("server-get-acl-turtle", needs=("wac",))
async def what_is_no_rdf_does_not_become_a_policy(w: World) -> None:
    """It could not be served as Turtle."""
    url = await w.document()
    policy = await govern(w, url, rule(agent(w.bob), "read", to=url))
    answer = await w.alice.put(policy, "text/plain", "Bob may read it.")
    require(answer.status >= 400, f"text is refused as a policy, and not answered with {answer.status}")
    await readable(url, w.bob, w.alice)
    status(await w.alice.get(policy, TURTLE), 200)


@case("server-get-acl-turtle", needs=("wac",))
async def broken_turtle_does_not_become_a_policy(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url, rule(agent(w.bob), "read", to=url))
    refused(await w.alice.put(policy, TURTLE, "<#rule> a <http://www.w3.org/ns/auth/acl#Authorization"))
    await readable(url, w.bob, w.alice)


@case("server-control-operation", "acl-mode-control", needs=("wac",))
async def a_policy_has_no_policy_that_is_written_for_it(w: World) -> None:
    """Whatever a server does with a Link from a policy, nobody comes to read the policy by one for it."""
    url = await shared_with_nobody(w)
    policy = await w.policy_of(url)
    for further in (await w.alice.head(policy)).linked("acl"):
        if further != policy:
            await w.alice.put(further, TURTLE, PREFIXES + rule(agent(w.bob), "read", to=policy))
    await hidden(policy, w.bob)


async def shared_with_nobody(w: World) -> str:
    """A document whose policy is there and gives nothing to others."""
    url = await w.document()
    await govern(w, url)
    return url


@case("effective-acl-resource-with-representation", needs=("wac",))
async def a_change_of_a_policy_counts_at_the_next_request(w: World) -> None:
    url = await w.document()
    for modes in ("read", "append", "read", "", "read"):
        await govern(w, url, rule(agent(w.bob), modes, to=url))
        answer = await w.bob.get(url)
        require(
            (answer.status == 200) is (modes == "read"), f"GET answers by the policy as it is now, not {answer.status}"
        )
