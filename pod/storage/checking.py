"""Whether rows fit each other."""

from collections.abc import Iterable, Iterator, Mapping

from pod.model.resource import Kind, Pod, Uri
from pod.rules import names

Row = tuple[Uri, str, Uri | None]
"""URI, kind and parent of a resource."""


def check_rows(rows: Iterable[Row], pods: Mapping[Uri, Pod]) -> Iterator[str]:
    """A sentence for each row that cannot be right."""
    known = {uri: (kind, parent) for uri, kind, parent in rows}
    for uri, (kind, parent) in known.items():
        if kind != names.kind(uri):
            yield f"{uri} is kept as a {kind}, and its URI says {names.kind(uri)}."
        expected = None if uri in pods else names.parent(uri)
        if parent != expected:
            yield f"{uri} is listed by {parent}, and belongs to {expected}."
        elif expected is not None and expected not in known:
            yield f"{uri} lies in {expected}, which does not exist."
        if names.kind(uri) in {Kind.POLICY, Kind.DESCRIPTION} and names.subject(uri) not in known:
            yield f"{uri} belongs to {names.subject(uri)}, which does not exist."
        if names.kind(uri) in {Kind.CONTAINER, Kind.DOCUMENT} and names.sibling(uri) in known:
            yield f"{uri} and {names.sibling(uri)} both exist."
    for root in pods:
        for uri in (root, names.policy_of(root)):
            if uri not in known:
                yield f"{uri}, which every pod must have, does not exist."
