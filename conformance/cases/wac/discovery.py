"""How the policy of a resource is found (WAC, 3.1)."""

from conformance.access import hidden, readable
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, agent, govern, rule, shared
from conformance.expect import links, require, status
from conformance.world import World


@case("server-link-acl", needs=("wac",))
async def get_of_a_document_names_its_policy(w: World) -> None:
    answer = await w.alice.get(await w.document())
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def head_of_a_document_names_its_policy(w: World) -> None:
    answer = await w.alice.head(await w.document())
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def get_of_a_container_names_its_policy(w: World) -> None:
    answer = await w.alice.get(await w.folder())
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def head_of_a_container_names_its_policy(w: World) -> None:
    answer = await w.alice.head(await w.folder())
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def the_root_of_a_storage_names_its_policy(w: World) -> None:
    answer = await w.alice.head(w.target.storage)
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def a_file_that_is_no_rdf_names_its_policy(w: World) -> None:
    answer = await w.alice.get(await w.document(w.fresh(".bin"), b"\x00\xff\x01", "application/octet-stream"))
    status(answer, 200)
    links(answer, "acl")


@case("server-link-acl", needs=("wac",))
async def everybody_who_reads_is_told_where_the_policy_is(w: World) -> None:
    """The Link depends on nobody's rights to the policy itself."""
    url = await shared(w, "read", EVERYONE)
    expected = await w.policy_of(url)
    for one in (w.bob, w.anyone):
        links(await one.get(url), "acl", expected)


@case("server-link-acl", needs=("wac",))
async def the_policy_named_is_the_same_by_get_and_head(w: World) -> None:
    for url in (await w.document(), await w.folder()):
        named = (await w.alice.get(url)).linked("acl")
        require(named == (await w.alice.head(url)).linked("acl"), "GET and HEAD name the same policy")


@case("server-link-acl", "effective-acl-resource-without-representation", needs=("wac",))
async def the_policy_named_is_the_resources_own(w: World) -> None:
    """It is not the policy that is inherited: what is written there concerns the one resource alone."""
    one, other = await w.document(), await w.document()
    await govern(w, one, rule(agent(w.bob), "read", to=one))
    await readable(one, w.bob)
    await hidden(other, w.bob)
    await hidden(w.place, w.bob)


@case("server-link-acl", needs=("wac",))
async def the_policy_named_stays_the_same_once_it_is_written(w: World) -> None:
    url = await w.document()
    policy = await govern(w, url)
    require(await w.policy_of(url) == policy, "a policy has the same URL before and after it is written")


@case("server-resource-acl-max", needs=("wac",))
async def a_document_has_one_policy(w: World) -> None:
    named = set((await w.alice.get(await w.document())).linked("acl"))
    require(len(named) == 1, f"a document names one policy, and not {len(named)}")


@case("server-resource-acl-max", needs=("wac",))
async def a_container_has_one_policy(w: World) -> None:
    for url in (await w.folder(), w.target.storage):
        named = set((await w.alice.get(url)).linked("acl"))
        require(len(named) == 1, f"{url} names one policy, and not {len(named)}")


@case("server-resource-acl-max", "server-link-acl", needs=("wac",))
async def documents_side_by_side_have_policies_apart(w: World) -> None:
    named = [await w.policy_of(one) for one in (await w.document(), await w.document(), await w.folder())]
    require(len(set(named)) == 3, "each resource has a policy of its own")
