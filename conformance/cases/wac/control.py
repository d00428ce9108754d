"""Policies are read and written by who has acl:Control of what they are for, and by nobody else (WAC, 5.3.1)."""

from conformance.access import absent, denied, hidden, readable, there
from conformance.case import case
from conformance.cases.wac._policies import PREFIXES, SIGNED_IN, agent, box, govern, note, own, rule, shared
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import World

INSERT = """@prefix solid: <http://www.w3.org/ns/solid/terms#>.
_:p a solid:InsertDeletePatch; solid:inserts { <#more> <https://voc.example/is> 1. }."""
LESS = "read append write"


async def _cannot_touch(w: World, policy: str) -> None:
    """Failed when Bob can do something with a policy that is there."""
    before = await w.alice.get(policy, TURTLE)
    status(before, 200)
    denied(await w.bob.get(policy))
    denied(await w.bob.head(policy))
    denied(await w.bob.put(policy, TURTLE, PREFIXES))
    denied(await w.bob.patch(policy, INSERT))
    denied(await w.bob.delete(policy))
    after = await w.alice.get(policy, TURTLE)
    status(after, 200)
    require(len(after.graph(policy)) == len(before.graph(policy)), "the policy is as it was")


@case("server-control-operation", "http-acl-resource", needs=("wac",))
async def reading_a_policy_takes_control(w: World) -> None:
    url = await shared(w, LESS)
    policy = await w.policy_of(url)
    denied(await w.bob.get(policy))
    denied(await w.bob.head(policy))
    await there(w, policy)


@case("server-control-operation", "http-acl-resource", "acl-mode-control", needs=("wac",))
async def no_other_mode_will_do_for_a_policy(w: World) -> None:
    for modes in ("read", "append", "write", LESS):
        await _cannot_touch(w, await w.policy_of(await shared(w, modes)))


@case("server-control-operation", "http-acl-resource", needs=("wac",))
async def no_other_mode_will_do_for_the_policy_of_a_container(w: World) -> None:
    await _cannot_touch(w, await w.policy_of(await box(w, LESS, LESS)))


@case("server-control-operation", needs=("wac",))
async def who_is_not_known_cannot_touch_a_policy_that_somebody_controls(w: World) -> None:
    policy = await w.policy_of(await shared(w, "read append write control"))
    for method in ("GET", "HEAD", "DELETE"):
        denied(await w.anyone.send(method, policy))
    denied(await w.anyone.put(policy, TURTLE, PREFIXES))
    denied(await w.anyone.patch(policy, INSERT))
    await there(w, policy)


@case("server-control-operation", "acl-mode-write", needs=("wac",))
async def who_may_write_in_a_container_cannot_give_themselves_more(w: World) -> None:
    """The first policy of a document takes acl:Control of it just as a change of one does."""
    folder = await box(w, "append write", "append write")
    url = await note(w, folder)
    policy = await w.policy_of(url)
    mine = PREFIXES + rule(agent(w.bob), "read write control", to=url)
    denied(await w.bob.put(policy, TURTLE, mine))
    denied(await w.bob.put(policy, TURTLE, mine, if_none_match="*"))
    denied(await w.bob.patch(policy, INSERT))
    await absent(w, policy)
    await hidden(url, w.bob)


@case("server-control-operation", "acl-mode-append", needs=("wac",))
async def a_policy_cannot_be_posted_by_its_name(w: World) -> None:
    """A Slug that is the name of a policy makes no policy (Solid Protocol, 5.3)."""
    folder = await box(w, "append", "append")
    url = await note(w, folder)
    policy = await w.policy_of(url)
    slug = policy.removeprefix(folder)
    mine = PREFIXES + rule(agent(w.bob), "read", to=url)
    answer = await w.bob.post(folder, TURTLE, mine, slug=slug if "/" not in slug else "note.ttl.acl")
    require(not answer.header("location") or answer.location != policy, "what is posted does not become a policy")
    await absent(w, policy)
    await hidden(url, w.bob)


@case("acl-mode-control", "server-control-operation", needs=("wac",))
async def who_has_control_reads_the_policy(w: World) -> None:
    policy = await w.policy_of(await shared(w, "control"))
    answer = await w.bob.get(policy, TURTLE)
    status(answer, 200)
    require(w.bob.webid in answer.text or len(answer.graph(policy)) > 0, "the policy says something")
    status(await w.bob.head(policy, TURTLE), 200)


@case("acl-mode-control", "server-control-operation", needs=("wac",))
async def who_has_control_writes_the_policy(w: World) -> None:
    url = await shared(w, "control")
    await hidden(url, w.bob)
    content = PREFIXES + own(w, url) + rule(agent(w.bob), "read control", to=url)
    succeeded(await w.bob.put(await w.policy_of(url), TURTLE, content))
    await readable(url, w.bob, w.alice)


@case("acl-mode-control", "server-control-operation", needs=("wac",))
async def who_has_control_patches_the_policy(w: World) -> None:
    url = await shared(w, "control")
    more = rule(agent(w.bob), "read", to=url)
    prefixes = f"{PREFIXES}@prefix solid: <http://www.w3.org/ns/solid/terms#>.\n"
    patch = f"{prefixes}_:p a solid:InsertDeletePatch; solid:inserts {{ {more} }}."
    succeeded(await w.bob.patch(await w.policy_of(url), patch))
    await readable(url, w.bob)


@case("acl-mode-control", "server-control-operation", needs=("wac",))
async def who_has_control_deletes_the_policy(w: World) -> None:
    """To delete a policy is a control operation (WAC, 5.3.1), for which acl:Control on its subject is what is asked.

    A policy is no member of a container, so that acl:Write on the container does not come into it.
    """
    url = await shared(w, "control")
    policy = await w.policy_of(url)
    succeeded(await w.bob.delete(policy))
    await absent(w, policy)


@case("acl-mode-control", "acl-default", needs=("wac",))
async def control_that_is_inherited_makes_the_first_policy(w: World) -> None:
    """To create a policy is a control operation as well (WAC, 5.3.1): it takes no rights on the container."""
    url = await note(w, await box(w, "", "control"))
    policy = await w.policy_of(url)
    status(await w.bob.get(policy), 404)
    content = PREFIXES + own(w, url) + rule(agent(w.bob), "read", to=url)
    succeeded(await w.bob.put(policy, TURTLE, content))
    await readable(url, w.bob, w.alice)


@case("server-control-operation", "acl-accessto", needs=("wac",))
async def control_of_a_container_is_not_control_of_what_is_in_it(w: World) -> None:
    folder = await box(w, "control", LESS)
    url = await note(w, folder)
    policy = await w.policy_of(url)
    denied(await w.bob.put(policy, TURTLE, PREFIXES + rule(agent(w.bob), "control", to=url)))
    await absent(w, policy)
    status(await w.bob.get(await w.policy_of(folder)), 200)


@case("server-control-operation", "acl-default", needs=("wac",))
async def control_of_what_is_in_a_container_is_not_control_of_it(w: World) -> None:
    await _cannot_touch(w, await w.policy_of(await box(w, LESS, "control")))


@case("http-acl-resource", "acl-mode-control", needs=("wac",))
async def control_of_one_document_is_no_control_of_another(w: World) -> None:
    first, second = await shared(w, "control"), await shared(w, LESS)
    status(await w.bob.get(await w.policy_of(first)), 200)
    await _cannot_touch(w, await w.policy_of(second))


@case("acl-mode-control", "acl-agentclass-authenticated-agent", needs=("wac",))
async def control_can_be_given_to_all_who_are_known(w: World) -> None:
    policy = await w.policy_of(await shared(w, "control", SIGNED_IN))
    status(await w.bob.get(policy), 200)
    denied(await w.anyone.get(policy))


@case("http-acl-resource", "acl-mode-control", needs=("wac",))
async def who_has_control_may_take_their_own_rights_and_give_them_back(w: World) -> None:
    """Somebody may take away their own acl:Write, and change it later, for they keep acl:Control (WAC, 5.3.1)."""
    url = await w.document()
    policy = await w.policy_of(url)
    only = PREFIXES + rule(agent(w.alice), "control", to=url)
    succeeded(await w.alice.put(policy, TURTLE, only))
    denied(await w.alice.get(url))
    denied(await w.alice.put(url, TURTLE, ""))
    succeeded(await w.alice.put(policy, TURTLE, PREFIXES + own(w, url)))
    await readable(url, w.alice)


@case("server-control-operation", needs=("wac",), level="SHOULD")
async def whether_there_is_a_policy_is_not_told_to_who_has_no_control(w: World) -> None:
    """404 is for authorized requests (WAC, 3.3): others would learn how a resource is shared."""
    first, second = await shared(w, "read"), await note(w, await box(w, "", "read"))
    for who in (w.bob, w.anyone):
        for method in ("GET", "HEAD", "DELETE"):
            answers = [(await who.send(method, await w.policy_of(one))).status for one in (first, second)]
            require(answers[0] == answers[1], f"{method} is answered alike whether or not there is a policy")


@case("server-control-operation", "effective-acl-resource-container-hierarchy", needs=("wac",))
async def control_above_ends_where_a_policy_below_does_not_give_it(w: World) -> None:
    folder = await box(w, "control", "control")
    url = await note(w, folder)
    policy = await govern(w, url, rule(agent(w.bob), LESS, to=url))
    await _cannot_touch(w, policy)
