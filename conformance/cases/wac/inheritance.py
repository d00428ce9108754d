"""Which policy counts for a resource, and which of its rules (WAC, 4.1, 5.1)."""

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, PREFIXES, agent, box, govern, note, own, rule
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import NOTE, World


async def _inside(w: World, folder: str) -> str:
    """A new container in a container."""
    return await w.folder(folder.removeprefix(w.place) + w.fresh())


@case("acl-accessto", "authorization-evaluation-context", needs=("wac",))
async def access_to_a_container_is_not_access_to_what_is_in_it(w: World) -> None:
    folder = await box(w, "read", "")
    await readable(folder, w.bob)
    await hidden(await note(w, folder), w.bob)
    await hidden(await _inside(w, folder), w.bob)


@case("acl-default", "authorization-evaluation-context", needs=("wac",))
async def what_is_given_by_default_is_not_given_on_the_container_itself(w: World) -> None:
    folder = await box(w, "", "read")
    await readable(await note(w, folder), w.bob)
    await hidden(folder, w.bob)


@case("acl-default", "effective-acl-resource-without-representation", needs=("wac",))
async def a_document_inherits_from_its_container(w: World) -> None:
    await readable(await note(w, await box(w, "", "read")), w.bob)


@case("acl-default", "effective-acl-resource-without-representation", needs=("wac",))
async def a_container_inherits_from_its_container(w: World) -> None:
    await readable(await _inside(w, await box(w, "", "read")), w.bob)


@case("acl-default", "effective-acl-resource-algorithm", needs=("wac",))
async def what_is_given_by_default_reaches_all_depths(w: World) -> None:
    folder = await box(w, "", "read")
    deep = folder
    for _ in range(3):
        deep = await _inside(w, deep)
    await readable(deep, w.bob)
    await readable(await note(w, deep), w.bob)


@case("acl-accessto", "acl-default", needs=("wac",))
async def one_rule_may_give_access_to_a_container_and_all_in_it(w: World) -> None:
    folder = await w.folder()
    await govern(w, folder, rule(agent(w.bob), "read", to=folder, default=folder))
    await readable(folder, w.bob)
    await readable(await note(w, folder), w.bob)


@case("acl-default", "effective-acl-resource-algorithm", needs=("wac",))
async def what_does_not_exist_yet_inherits_too(w: World) -> None:
    folder = await box(w, "append", "write read")
    url = f"{folder}{w.fresh()}.ttl"
    status(await w.bob.get(url), 404, 410)
    succeeded(await w.bob.put(url, TURTLE, NOTE))
    await readable(url, w.bob)


@case("effective-acl-resource-with-representation", needs=("wac",))
async def a_documents_own_policy_gives_what_its_container_does_not(w: World) -> None:
    url = await note(w, await box(w, "", ""))
    await hidden(url, w.bob)
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)


@case("effective-acl-resource-with-representation", needs=("wac",))
async def a_documents_own_policy_takes_the_place_of_the_containers(w: World) -> None:
    """Nothing is added up: the policy that is nearest counts alone (WAC, 5.1)."""
    url = await note(w, await box(w, "read", "read"))
    await readable(url, w.bob)
    await govern(w, url)
    await hidden(url, w.bob)


@case("effective-acl-resource-with-representation", needs=("wac",))
async def modes_of_two_policies_do_not_add_up(w: World) -> None:
    url = await note(w, await box(w, "write", "write"))
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    denied(await w.bob.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
    await unchanged(w, url)


@case("effective-acl-resource-container-hierarchy", "effective-acl-resource-algorithm", needs=("wac",))
async def the_nearest_container_with_a_policy_counts(w: World) -> None:
    outer = await box(w, "", "read")
    inner = await _inside(w, outer)
    below = await note(w, await _inside(w, inner))
    await readable(below, w.bob)
    await govern(w, inner)
    await hidden(below, w.bob)
    await hidden(inner, w.bob)
    await readable(await note(w, outer), w.bob)


@case("effective-acl-resource-container-hierarchy", needs=("wac",))
async def a_container_nearby_may_give_what_one_above_does_not(w: World) -> None:
    outer = await box(w, "", "")
    inner = await box(w, "", "read", inside=outer)
    await readable(await note(w, inner), w.bob)
    await hidden(await note(w, outer), w.bob)


@case("effective-acl-resource-with-representation", "effective-acl-resource-algorithm", needs=("wac",))
async def a_policy_without_a_rule_for_members_gives_them_nothing(w: World) -> None:
    """The policy is there, so that the search ends with it, whatever it says."""
    outer = await box(w, "read", "read")
    inner = await _inside(w, outer)
    below = await note(w, inner)
    await govern(w, inner, rule(agent(w.bob), "read", to=inner))
    await readable(inner, w.bob)
    await hidden(below, w.bob)


@case("effective-acl-resource-with-representation", needs=("wac",))
async def a_policy_that_says_nothing_gives_nothing(w: World) -> None:
    folder = await box(w, "read", "read")
    url = await note(w, folder)
    await readable(url, w.bob)
    policy = await w.policy_of(url)
    succeeded(await w.alice.put(policy, TURTLE, PREFIXES + own(w, url)))
    await hidden(url, w.bob)


@case("effective-acl-resource-without-representation", "effective-acl-resource-container-hierarchy", needs=("wac",))
async def what_is_above_counts_again_once_a_policy_between_is_gone(w: World) -> None:
    outer = await box(w, "", "read")
    inner = await box(w, "", "", inside=outer)
    below = await note(w, inner)
    await hidden(below, w.bob)
    succeeded(await w.alice.delete(await w.policy_of(inner)))
    await readable(below, w.bob)


@case("effective-acl-resource-container-hierarchy", needs=("wac",))
async def a_change_above_counts_at_once_for_all_below(w: World) -> None:
    folder = await box(w, "", "read")
    below = await note(w, await _inside(w, folder))
    await readable(below, w.bob)
    await govern(w, folder)
    await hidden(below, w.bob)
    await govern(w, folder, rule(EVERYONE, "read", default=folder))
    await readable(below, w.bob, w.anyone)


@case("acl-accessto", "authorization-evaluation-context", needs=("wac",))
async def a_rule_for_another_resource_gives_nothing_here(w: World) -> None:
    """acl:accessTo names what access is given to: the rule says nothing of the document whose policy it stands in."""
    url, other = await w.document(), await w.document()
    await govern(w, url, rule(agent(w.bob), "read", to=other))
    await hidden(url, w.bob)
    await hidden(other, w.bob)


@case("acl-accessto", "effective-acl-resource-algorithm", needs=("wac",))
async def a_policy_gives_nothing_on_what_it_does_not_belong_to(w: World) -> None:
    """Else who controls one document could give away any other."""
    mine, other = await w.document(), await note(w, await box(w, "", ""))
    await govern(w, mine, rule(agent(w.bob), "control", to=mine))
    content = PREFIXES + own(w, mine) + rule(agent(w.bob), "read write control", to=other, default=w.place)
    w.prepared(await w.bob.put(await w.policy_of(mine), TURTLE, content), "write a policy as Bob")
    await hidden(other, w.bob)
    denied(await w.bob.get(await w.policy_of(other)))


@case("acl-default", "authorization-evaluation-context", needs=("wac",))
async def a_default_for_another_container_gives_nothing_here(w: World) -> None:
    folder, other = await w.folder(), await w.folder()
    await govern(w, folder, rule(agent(w.bob), "read", default=other))
    await hidden(await note(w, folder), w.bob)
    await hidden(await note(w, other), w.bob)


@case("acl-accessto", "acl-default", "authorization-evaluation-context", needs=("wac",))
async def the_policy_of_a_container_does_not_name_single_members(w: World) -> None:
    """What is in a container has its rules by acl:default of the container.

    Some servers grant by acl:accessTo of the member as well; that others get nothing is what is looked at.
    """
    folder = await w.folder()
    one, other = await note(w, folder), await note(w, folder)
    await govern(w, folder, rule(agent(w.bob), "read", to=one))
    await hidden(other, w.bob)
    await hidden(folder, w.bob)


@case("acl-default", needs=("wac",))
async def a_default_on_a_document_gives_nothing(w: World) -> None:
    """acl:default is for containers, and a document is not below itself."""
    url = await w.document()
    await govern(w, url, rule(agent(w.bob), "read", default=url))
    await hidden(url, w.bob)


@case("effective-acl-resource-algorithm", "acl-default", needs=("wac",))
async def the_slash_at_the_end_of_a_container_counts(w: World) -> None:
    """`…/box` and `…/box/` are different resources (Solid Protocol, 3.1)."""
    folder = await w.folder()
    await govern(w, folder, rule(agent(w.bob), "read", to=folder.rstrip("/"), default=folder.rstrip("/")))
    await hidden(folder, w.bob)
    await hidden(await note(w, folder), w.bob)


@case("server-description-resource-authorization", needs=("wac",))
async def the_description_of_a_resource_is_read_by_the_same_rules(w: World) -> None:
    url = await w.document(w.fresh(".txt"), "text", "text/plain")
    named = (await w.alice.head(url)).linked("describedby")
    if not named:
        w.prepared(await w.alice.head(url + ".none"), "find a description of a file, by a Link with rel=describedby")
    await hidden(named[0], w.bob)
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    require((await w.bob.get(named[0])).status in {200, 404}, "who may read a file may read its description")


@case("effective-acl-resource-algorithm", needs=("wac",))
async def what_comes_from_elsewhere_does_not_inherit_from_it(w: World) -> None:
    """A document of the same name in another container, or one whose name goes on, is another resource."""
    folder = await w.folder()
    url = await w.document(folder.removeprefix(w.place) + "note.ttl")
    longer = await w.document(folder.removeprefix(w.place) + "note.ttl2")
    beside = await w.document((await w.folder()).removeprefix(w.place) + "note.ttl")
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    await hidden(longer, w.bob)
    await hidden(beside, w.bob)
