"""The Link relations of a resource (Solid Protocol, 2 to 4; WAC, 3)."""

from functools import lru_cache

from pod.model.resource import Kind, Uri
from pod.rdf.vocab import ACL, LDP, ODRL, PIM, SOLID
from pod.rules import names

CONDITIONS = (ACL.ClientCondition, ACL.IssuerCondition, ODRL.Constraint)
"""The kinds of conditions that rules of policies can have."""


@lru_cache(maxsize=names.KEPT)
def of(uri: Uri, root: Uri | None) -> tuple[tuple[str, str], ...]:
    """Pairs of target and relation for the resource at `uri`, in the pod at `root`."""
    kind = names.kind(uri)
    found = [(LDP.Resource, "type")]
    if kind is Kind.CONTAINER:
        found += [(LDP.BasicContainer, "type"), (LDP.Container, "type")]
    # server-link-storage
    if uri == root:
        found.append((PIM.Storage, "type"))
    # server-link-auxiliary-type, server-link-acl
    found.append((names.policy_of(uri), "acl"))
    if kind in {Kind.CONTAINER, Kind.DOCUMENT}:
        found.append((names.description_of(uri), "describedby"))
    elif kind is Kind.POLICY:
        # server-link-condition
        found += [(condition, ACL.condition) for condition in CONDITIONS]
    else:
        found.append((names.subject(uri), "describes"))
    # server-storage-description
    if root is not None:
        found.append((names.storage_description(root), SOLID.storageDescription))
        # No specification asks for it; Inrupt's library finds the storage of a resource by it.
        found.append((root, PIM.storage))
    return tuple(found)
