"""How rows become a view: once, for every backend that has rows; and which views stay valid."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pod.cache import Cache
from pod.model.change import Entry, Happening
from pod.model.resource import Kind, Pod, Resource, Uri, View
from pod.rules import names

Find = Callable[[Uri], Resource | None]

VIEWS = 20_000
LINEAGES = 20_000


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a container passes on to all that lies in it."""

    containers: tuple[Resource, ...]
    """It, if it exists, and those above it, nearest first, within the pod."""
    policies: tuple[Resource, ...]
    blocking: Uri | None
    pod: Pod | None


class Views:
    """Makes views, and keeps those of resources that exist until the log tells that they changed.

    `ancestors` in a kept view may be older as regards what they list; nothing decides by that.
    """

    def __init__(self, find: Find, pods: Callable[[], Iterable[Pod]]) -> None:
        self._find = find
        self._read_pods = pods
        self._pods: dict[Uri, Pod] | None = None
        self._views: Cache[Uri, View] = Cache(VIEWS)
        self._lineages: Cache[Uri, Lineage] = Cache(LINEAGES)

    def view(self, uri: Uri) -> View:
        """The view of the URI; the same object while nothing that decides changed."""
        kept = self._views.get(uri)
        if kept is not None:
            return kept
        view = self._made(uri)
        if view.target is not None:
            self._views.put(uri, view)
        return view

    def _made(self, uri: Uri) -> View:
        target = self._find(uri)
        about = names.subject(uri)
        subject = target if about == uri else self._find(about)
        root = self._pod_roots().get(about)
        above = names.parent(about) if root is None else None
        lineage = self._lineage(above) if above is not None else Lineage((), (), None, root)
        policy_uri = names.policy_of(uri)
        policy = target if policy_uri == uri else self._find(policy_uri)
        policies = lineage.policies if policy is None else (policy, *lineage.policies)
        sibling = target is None and self._find(names.sibling(uri)) is not None
        return View(uri, target, sibling, subject, lineage.containers, lineage.blocking, policies, lineage.pod)

    def _lineage(self, container: Uri) -> Lineage:
        kept = self._lineages.get(container)
        if kept is not None:
            return kept
        pod = self._pod_roots().get(container)
        above = names.parent(container) if pod is None else None
        upper = self._lineage(above) if above is not None else Lineage((), (), None, pod)
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
        )
        # What lacks may come to be without a trace that leads here, so only what exists is kept.
        if found is not None:
            self._lineages.put(container, lineage)
        return lineage

    def _pod_roots(self) -> dict[Uri, Pod]:
        if self._pods is None:
            self._pods = {pod.root: pod for pod in self._read_pods()}
        return self._pods

    def drop(self, entries: Iterable[Entry]) -> None:
        """Forget what the entries of the log have changed."""
        for entry in entries:
            self._views.drop(entry.uri)
            above = names.parent(entry.uri)
            if above is not None:
                self._views.drop(above)
            match entry.kind:
                case Kind.POLICY:
                    self._drop_below(names.subject(entry.uri))
                case Kind.CONTAINER:
                    self._drop_container(entry)
                case _:
                    # An auxiliary resource knows whether its subject is there.
                    self._views.drop(names.policy_of(entry.uri))
                    self._views.drop(names.description_of(entry.uri))

    def _drop_container(self, entry: Entry) -> None:
        if entry.happening is Happening.UPDATE:
            self._drop_below(entry.uri)
            return
        if above := names.parent(entry.uri):
            if names.parent(above) is None:
                self._pods = None
        # What was made or removed was empty: nothing that exists lay in it.
        self._lineages.drop(entry.uri)
        self._views.drop(names.policy_of(entry.uri))
        self._views.drop(names.description_of(entry.uri))

    def _drop_below(self, subject: Uri) -> None:
        self._views.drop_if(lambda uri: uri.startswith(subject))
        self._lineages.drop_if(lambda uri: uri.startswith(subject))

    def clear(self) -> None:
        """Forget everything."""
        self._views.clear()
        self._lineages.clear()
        self._pods = None
