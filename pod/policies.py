"""Rules that the server writes into policies for an owner, and takes out again: through the door, as owners do."""

from pod.access import granting
from pod.errors import Busy, Conflict, NotFound, PreconditionFailed
from pod.model.agent import Agent
from pod.model.operation import Conditions, Edit, Patch
from pod.model.resource import Uri, View
from pod.rdf import edit, formats, n3_patch
from pod.rdf.graph import Graph, NamedNode, Triple
from pod.resources import Resources
from pod.rules import names

TRIES = 8
_THERE = Conditions(if_match=("*",))


class Policies:
    """Writes rules whose nodes all have IRIs, of which the first part is the name of the rule."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def add(self, owner: Agent, subject: Uri, rule: Graph) -> None:
        """Add the rule to the policy of `subject`. One that it only inherits becomes its own, with the same rules.

        Raises NotFound when nothing is at `subject`, and what a write by the owner raises.
        """
        target = names.policy_of(subject)

        async def made(fresh: View) -> bytes:
            if fresh.target is not None or not fresh.policies:
                raise PreconditionFailed("The policy came to be meanwhile.")
            above = fresh.policies[0]
            graph = await self._resources.permissions.graph(above)
            return _turtle(granting.inherited(graph, above.uri, subject) | rule)

        for _ in range(TRIES):
            view = await self._resources.state(target)
            if view is None or view.subject is None:
                raise NotFound(f"{subject} does not exist, so that no rule can be made for it.")
            try:
                if view.target is not None:
                    await self._resources.write(owner, Patch(target, _patch("inserts", rule, target)), _THERE)
                else:
                    await self._resources.compose(owner, target, made)
                return
            except PreconditionFailed:
                continue
        raise Busy("The policy changes all the time; try again in a moment.")

    async def remove(self, owner: Agent, subject: Uri, name: str) -> bool:
        """Take the rule of this name out of the policy of `subject`, as it is by now; whether there was one."""
        target = names.policy_of(subject)
        for _ in range(TRIES):
            view = await self._resources.state(target)
            if view is None or view.target is None:
                return False
            graph = await self._resources.permissions.graph(view.target)
            nodes = {NamedNode(name), *(NamedNode(f"{name}{end}") for end in granting.CONDITIONS)}
            rule = frozenset(triple for triple in graph if triple.subject in nodes)
            if not rule:
                return False
            try:
                await self._resources.write(owner, Patch(target, _patch("deletes", rule, target)), _THERE)
                return True
            except (Conflict, PreconditionFailed):
                continue
        raise Busy("The policy changes all the time; try again in a moment.")


def _turtle(graph: Graph) -> bytes:
    return formats.serialise(sorted(graph, key=_order), formats.TURTLE, granting.PREFIXES)


def _order(triple: Triple) -> tuple[str, ...]:
    return str(triple.subject), triple.predicate.value, str(triple.object)


def _patch(what: str, rule: Graph, target: Uri) -> Edit:
    statements = " ".join(f"{triple}." for triple in sorted(rule, key=_order))
    prefix = "@prefix solid: <http://www.w3.org/ns/solid/terms#>."
    text = f"{prefix} _:patch a solid:InsertDeletePatch; solid:{what} {{ {statements} }}."
    return edit.parse(n3_patch.MEDIA_TYPE, text.encode(), target)
