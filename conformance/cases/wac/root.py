"""The policy of the root of a storage, which is always there (WAC, 3.3)."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import rdflib

from conformance.access import denied
from conformance.case import NotOffered, case
from conformance.cases.wac._policies import PREFIXES, own, rule
from conformance.exchange import TURTLE, Answer
from conformance.expect import has, require, status, succeeded
from conformance.world import ACL, World

MODE, CONTROL = rdflib.URIRef(f"{ACL}mode"), rdflib.URIRef(f"{ACL}Control")


async def _policy(w: World) -> Answer:
    """The policy of the root, as Alice reads it."""
    answer = await w.alice.get(await w.policy_of(w.target.storage), TURTLE)
    status(answer, 200)
    return answer


def _controls(answer: Answer, root: str) -> Sequence[str]:
    """The rules that give acl:Control of the root to somebody."""
    graph = answer.graph()
    subjects = [rdflib.URIRef(ACL + one) for one in ("agent", "agentClass", "agentGroup")]
    return [
        str(one)
        for one in graph.subjects(rdflib.URIRef(f"{ACL}accessTo"), rdflib.URIRef(root))
        if (one, MODE, CONTROL) in graph
        and (one, rdflib.RDF.type, rdflib.URIRef(f"{ACL}Authorization")) in graph
        and any((one, subject, None) in graph for subject in subjects)
    ]


@case("server-root-container-acl", needs=("wac",))
async def the_root_has_a_policy(w: World) -> None:
    answer = await _policy(w)
    require(len(answer.graph()) > 0, "the policy of the root says something")


@case("server-root-container-acl", "server-get-acl-turtle", needs=("wac",))
async def head_finds_the_policy_of_the_root(w: World) -> None:
    answer = await w.alice.head(await w.policy_of(w.target.storage), TURTLE)
    status(answer, 200)
    require(answer.media_type == TURTLE, f"the policy of the root comes as {TURTLE}")


@case("server-root-container-acl-authorization-control", needs=("wac",))
async def the_policy_of_the_root_gives_somebody_control(w: World) -> None:
    answer = await _policy(w)
    has(answer.graph(), None, str(MODE), str(CONTROL))
    require(_controls(answer, w.target.storage), "a rule of the root's policy gives somebody acl:Control of the root")


@case("server-root-container-acl", "server-control-operation", needs=("wac",))
async def the_policy_of_the_root_is_not_for_others(w: World) -> None:
    policy = await w.policy_of(w.target.storage)
    for who in (w.bob, w.anyone):
        denied(await who.get(policy))
        denied(await who.put(policy, TURTLE, PREFIXES))
        denied(await who.delete(policy))
    await _policy(w)


async def _require_undoing(w: World) -> None:
    """NotOffered unless Alice can mend a policy that gives her nothing: then what is tried here can be undone."""
    url = await w.folder()
    policy = await w.policy_of(url)
    useless = f"{PREFIXES}<#none> a acl:Authorization; acl:accessTo <{url}>; acl:agent <https://nobody.example/#me>;"
    w.prepared(await w.alice.put(policy, TURTLE, f"{useless} acl:mode acl:Read."), "set a policy")
    if not 200 <= (await w.alice.put(policy, TURTLE, PREFIXES + own(w, url))).status < 300:
        raise NotOffered("Whether the root can be left without anybody in control is not tried: it might stay so.")


@contextlib.asynccontextmanager
async def _kept(w: World) -> AsyncIterator[str]:
    """The URL of the root's policy, which one case at a time may change, and which is put back at the end."""
    async with w.target.turn:
        before = await _policy(w)
        try:
            yield before.url
        finally:
            now = await w.alice.get(before.url, TURTLE)
            if now.status != 200 or not _controls(now, w.target.storage):
                w.prepared(await w.alice.put(before.url, TURTLE, before.content), f"put back {before.text}")


@case("server-root-container-acl-authorization-control", needs=("wac",))
async def the_policy_of_the_root_cannot_be_left_without_control(w: World) -> None:
    """What would replace it gives Alice all she needs meanwhile, but for control of the root itself."""
    await _require_undoing(w)
    root = w.target.storage
    who = f"acl:agent <{w.alice.webid}>"
    content = PREFIXES + rule(who, "read write", to=root, default=root) + rule(who, "control", default=root)
    async with _kept(w) as policy:
        answer = await w.alice.put(policy, TURTLE, content)
        after = await _policy(w)
        require(_controls(after, root), f"somebody has control of the root after a change answered {answer.status}")


@case("server-root-container-acl-authorization-control", needs=("wac",))
async def the_policy_of_the_root_can_be_changed_otherwise(w: World) -> None:
    """A further statement, which gives nobody anything, is added and taken out."""
    patch = "@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:p a solid:InsertDeletePatch; solid:{} {{ {} }}."
    async with _kept(w) as policy:
        mark = f"<{policy}#{w.fresh()}> <https://voc.example/is> 1 ."
        succeeded(await w.alice.patch(policy, patch.format("inserts", mark)))
        succeeded(await w.alice.patch(policy, patch.format("deletes", mark)))
        require(_controls(await _policy(w), w.target.storage), "somebody still has control of the root")


@case("server-root-container-acl", "server-delete-protect-root-container", needs=("wac",))
async def the_policy_of_the_root_cannot_be_deleted(w: World) -> None:
    await _require_undoing(w)
    async with _kept(w) as policy:
        status(await w.alice.delete(policy), 405)
        await _policy(w)
