"""How rows become a view: once, for every backend that has rows; and which views stay valid."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pod.cache import Cache
from pod.model.change import Happening
from pod.model.resource import Kind, Pod, Resource, Uri, View
from pod.rules import names

VIEWS = 20_000
MISSING = 5_000
LINEAGES = 20_000

News = tuple[Uri, Kind, Happening]
"""What an entry of the log tells, as far as views are concerned."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a container passes on to all that lies in it."""

    containers: tuple[Resource, ...]
    """It, if it exists, and those above it, nearest first, within the pod."""
    policies: tuple[Resource, ...]
    blocking: Uri | None
    pod: Pod | None
    whole: bool
    """It and all containers above it exist, up to the root of a pod."""


class Views:
    """Makes views, and keeps them until the log tells that they changed.

    In a kept view, containers other than the target may be older as regards their own
    triples and what they list; nothing decides by that.
    """

    def __init__(self, find: Callable[[Uri], Resource | None], pod_at: Callable[[Uri], Pod | None]) -> None:
        self._find = find
        self._pod_at = pod_at
        self._views: Cache[Uri, View] = Cache(VIEWS)
        self._missing: Cache[Uri, View] = Cache(MISSING)
        self._lineages: Cache[Uri, Lineage] = Cache(LINEAGES)

    def kept(self, uri: Uri) -> View | None:
        """The view of the URI, if it is kept."""
        return self._views.get(uri) or self._missing.get(uri)

    def view(self, uri: Uri) -> View:
        """The view of the URI; the same object while nothing that decides changed."""
        return self.kept(uri) or self._made(uri)

    def _made(self, uri: Uri) -> View:
        target = self._find(uri)
        about = names.subject(uri)
        subject = target if about == uri else self._find(about)
        lineage = self._above(about)
        if lineage.pod is None or lineage.pod.closed:
            # What lies in no pod, or in one that is closed, is there for nobody.
            return View(uri, None, False, None, (), None, (), lineage.pod)
        policy_uri = names.policy_of(uri)
        policy = target if policy_uri == uri else self._find(policy_uri)
        policies = lineage.policies if policy is None else (policy, *lineage.policies)
        sibling = target is None and self._find(names.sibling(uri)) is not None
        view = View(uri, target, sibling, subject, lineage.containers, lineage.blocking, policies, lineage.pod)
        if lineage.whole:
            (self._views if target is not None else self._missing).put(uri, view)
        return view

    def _above(self, uri: Uri) -> Lineage:
        """What the resource gets from the containers that it lies in."""
        pod = self._pod_at(uri) if names.kind(uri) is Kind.CONTAINER else None
        above = names.parent(uri) if pod is None else None
        return self._lineage(above) if above is not None else Lineage((), (), None, pod, whole=pod is not None)

    def _lineage(self, container: Uri) -> Lineage:
        kept = self._lineages.get(container)
        if kept is not None:
            return kept
        upper = self._above(container)
        found = self._find(container)
        blocking = upper.blocking
        if found is None and blocking is None:
            other = names.sibling(container)
            blocking = other if self._find(other) is not None else None
        policy = self._find(names.policy_of(container))
        lineage = Lineage(
            containers=upper.containers if found is None else (found, *upper.containers),
            policies=upper.policies if policy is None else (policy, *upper.policies),
            blocking=blocking,
            pod=upper.pod,
            whole=upper.whole and found is not None,
        )
        # What lacks may come to be, and what lies below it would not be told of.
        if lineage.whole:
            self._lineages.put(container, lineage)
        return lineage

    def drop(self, news: Iterable[News]) -> None:
        """Forget what the entries of the log have changed."""
        for uri, kind, happening in news:
            self._drop_missing(uri, kind)
            about = names.subject(uri)
            above = names.parent(uri)
            if kind is Kind.DESCRIPTION:
                self._views.drop(uri)
                # A container says what its description says.
                above = about if names.kind(about) is Kind.CONTAINER else None
            elif names.kind(about) is Kind.CONTAINER and (
                kind is Kind.POLICY or happening is Happening.UPDATE or _is_top(above)
            ):
                self._drop_below(about)
            else:
                # A container that was made or removed was empty: nothing that is kept lay in it.
                self._lineages.drop(about)
                for one in (about, names.policy_of(about), names.description_of(about)):
                    self._views.drop(one)
            if above is not None:
                # Its listing changed, and perhaps its date, which the one above lists.
                self._views.drop(above)
                self._views.drop(names.parent(above) or above)

    def _drop_missing(self, uri: Uri, kind: Kind) -> None:
        if kind in {Kind.CONTAINER, Kind.POLICY}:
            # What may come to be below it, and what that would need, is not worth telling apart.
            self._missing.clear()
            return
        # Below a document nothing is kept, since the container that would hold it is not there.
        for one in (uri, names.sibling(uri), names.policy_of(uri), names.description_of(uri)):
            self._missing.drop(one)

    def _drop_below(self, container: Uri) -> None:
        self._views.drop_if(lambda one: one.startswith(container))
        self._lineages.drop_if(lambda one: one.startswith(container))

    def clear(self) -> None:
        """Forget everything."""
        self._views.clear()
        self._missing.clear()
        self._lineages.clear()


def _is_top(container: Uri | None) -> bool:
    """Whether it holds pods: when one goes, so does at once all that lies in it."""
    return container is not None and names.parent(container) is None
