"""Rules for groups, whose members a document lists (WAC, 4.3)."""

from collections.abc import Sequence

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, agent, govern, rule, shared
from conformance.exchange import TURTLE
from conformance.expect import succeeded
from conformance.people import Person
from conformance.world import NOTE, World

VCARD = "http://www.w3.org/2006/vcard/ns#"


def _group(members: Sequence[str], name: str = "<#team>") -> str:
    """A group in Turtle."""
    listed = ", ".join(f"<{one}>" for one in members) or "<https://somebody.example/#me>"
    return f"@prefix vcard: <{VCARD}>.\n{name} a vcard:Group; vcard:hasMember {listed}.\n"


def _listed(*people: Person) -> Sequence[str]:
    return [one.webid for one in people]


@case("acl-agentgroup", needs=("wac", "reach"))
async def a_rule_for_a_group_is_for_its_members(w: World) -> None:
    group = w.served.publish(TURTLE, _group(_listed(w.bob))).url + "#team"
    url = await shared(w, "read", f"acl:agentGroup <{group}>")
    await readable(url, w.bob)


@case("acl-agentgroup", needs=("wac", "reach"))
async def a_rule_for_a_group_is_for_nobody_else(w: World) -> None:
    group = w.served.publish(TURTLE, _group(["https://somebody.example/#me"])).url + "#team"
    await hidden(await shared(w, "read", f"acl:agentGroup <{group}>"), w.bob, w.anyone)
    group = w.served.publish(TURTLE, _group(_listed(w.bob))).url + "#team"
    await hidden(await shared(w, "read", f"acl:agentGroup <{group}>"), w.anyone)


@case("acl-agentgroup", needs=("wac", "reach"))
async def a_group_may_have_several_members(w: World) -> None:
    members = ["https://somebody.example/#me", w.bob.webid, w.alice.webid]
    group = w.served.publish(TURTLE, _group(members)).url + "#team"
    await readable(await shared(w, "read", f"acl:agentGroup <{group}>"), w.bob)


@case("acl-agentgroup", "acl-mode-write", needs=("wac", "reach"))
async def members_of_a_group_have_the_modes_of_the_rule(w: World) -> None:
    group = w.served.publish(TURTLE, _group(_listed(w.bob))).url + "#team"
    url = await shared(w, "write", f"acl:agentGroup <{group}>")
    denied(await w.bob.get(url))
    succeeded(await w.bob.put(url, TURTLE, NOTE))
    reader = await shared(w, "read", f"acl:agentGroup <{group}>")
    denied(await w.bob.put(reader, TURTLE, ""))
    await unchanged(w, reader)


@case("acl-agentgroup", "acl-default", needs=("wac", "reach"))
async def members_of_a_group_have_what_is_inherited(w: World) -> None:
    group = w.served.publish(TURTLE, _group(_listed(w.bob))).url + "#team"
    folder = await w.folder()
    await govern(w, folder, rule(f"acl:agentGroup <{group}>", "read", default=folder))
    await readable(await w.document(folder.removeprefix(w.place) + "note.ttl"), w.bob)
    await hidden(folder, w.bob)


@case("acl-agentgroup", needs=("wac", "reach"))
async def only_the_group_that_is_named_counts(w: World) -> None:
    """Others may stand in the same document."""
    content = _group(["https://somebody.example/#me"]) + _group(_listed(w.bob), "<#others>")
    document = w.served.publish(TURTLE, content).url
    await hidden(await shared(w, "read", f"acl:agentGroup <{document}#team>"), w.bob)
    await readable(await shared(w, "read", f"acl:agentGroup <{document}#others>"), w.bob)


@case("acl-agentgroup", needs=("wac", "reach"))
async def only_members_are_in_a_group(w: World) -> None:
    """To be named in its document in some other way is not to be a member."""
    content = f"{_group([])} <#team> vcard:hasRelated <{w.bob.webid}>. <{w.bob.webid}> vcard:hasMember <#team>."
    group = w.served.publish(TURTLE, content).url + "#team"
    await hidden(await shared(w, "read", f"acl:agentGroup <{group}>"), w.bob)


@case("acl-agentgroup", needs=("wac", "reach"))
async def a_group_whose_document_cannot_be_had_has_no_members(w: World) -> None:
    gone = w.served.answer(lambda _: (404, {}, b"")).url
    text = w.served.publish("text/plain", _group(_listed(w.bob))).url
    broken = w.served.publish(TURTLE, _group(_listed(w.bob)) + "<#team").url
    failing = w.served.answer(lambda _: (500, {"content-type": TURTLE}, _group(_listed(w.bob)).encode())).url
    for document in (gone, text, broken, failing):
        await hidden(await shared(w, "read", f"acl:agentGroup <{document}#team>"), w.bob)


@case("acl-agentgroup", "authorization-evaluation-applicable", needs=("wac", "reach"))
async def a_group_that_cannot_be_had_takes_nothing_from_others(w: World) -> None:
    gone = w.served.answer(lambda _: (404, {}, b"")).url + "#team"
    url = await w.document()
    await govern(w, url, rule(f"acl:agentGroup <{gone}>", "read", to=url), rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob, w.alice)


@case("acl-agentgroup", needs=("wac", "reach"))
async def who_is_not_known_is_in_no_group(w: World) -> None:
    members = ["http://xmlns.com/foaf/0.1/Agent", "http://www.w3.org/ns/auth/acl#AuthenticatedAgent"]
    group = w.served.publish(TURTLE, _group(members)).url + "#team"
    await hidden(await shared(w, "read", f"acl:agentGroup <{group}>"), w.anyone, w.bob)


@case("acl-agentgroup", needs=("wac",))
async def a_group_may_be_a_document_of_the_same_storage(w: World) -> None:
    """Everyone may read it here, so that any way for a server to look at it will do."""
    document = await w.document(content=_group(_listed(w.bob)))
    await govern(w, document, rule(EVERYONE, "read", to=document))
    url = await shared(w, "read", f"acl:agentGroup <{document}#team>")
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acl-agentgroup", needs=("wac",))
async def who_leaves_a_group_loses_what_it_gave(w: World) -> None:
    """A server may keep the document of a group for a while, so that this may take some time."""
    document = await w.document(content=_group(_listed(w.bob)))
    await govern(w, document, rule(EVERYONE, "read", to=document))
    url = await shared(w, "read", f"acl:agentGroup <{document}#team>")
    await readable(url, w.bob)
    w.prepared(await w.alice.put(document, TURTLE, _group([])), "change a group")
    await w.eventually(lambda: hidden(url, w.bob), seconds=60.0)


@case("acl-agentgroup", needs=("wac",))
async def a_group_that_is_no_document_here_has_no_members(w: World) -> None:
    missing = f"{w.place}{w.fresh('.ttl')}#team"
    await hidden(await shared(w, "read", f"acl:agentGroup <{missing}>"), w.bob, w.anyone)


@case("acl-agentgroup", "acl-agent", needs=("wac", "reach"))
async def a_group_is_no_agent(w: World) -> None:
    group = w.served.publish(TURTLE, _group(_listed(w.bob))).url + "#team"
    await hidden(await shared(w, "read", f"acl:agent <{group}>"), w.bob)
