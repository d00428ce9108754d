"""Facts for tests of the pure layers: resources and views without a store."""

from pod.model.representation import Staged
from pod.model.resource import Blob, Child, Pod, Resource, Uri, View
from pod.rules import names

ROOT = Uri("https://pods.example/alice/")
ALICE = "https://pods.example/alice/profile/card#me"
BOB = "https://bob.example/#me"
POD = Pod(ROOT, "alice", (ALICE,), "account", 0)
SECOND = 1_000_000
STAGED = Staged(Blob("0" * 64, 3), b"abc")


def uri(path: str) -> Uri:
    """The URI of a path below the root of the pod; `.` is the root itself."""
    return ROOT if path == "." else Uri(f"{ROOT}{path}")


def resource(
    path: str,
    media_type: str = "text/turtle",
    *,
    revision: int = 7,
    stamp: int = 1234567,
    touched: int = 0,
    modified: int = 1_700_000_000 * SECOND,
    shared_second: bool = False,
    size: int = 3,
) -> Resource:
    """A resource of the pod."""
    here = uri(path)
    return Resource(
        uri=here,
        kind=names.kind(here),
        media_type=media_type,
        blob=Blob("0" * 64, size),
        revision=revision,
        stamp=stamp,
        touched=touched,
        created=modified,
        modified=modified,
        shared_second=shared_second,
    )


def child(path: str, media_type: str = "text/turtle", **facts: int) -> Child:
    """What a container of the pod lists of a resource."""
    one = resource(path, media_type, **facts)  # type: ignore[arg-type]  # those that a listing shows are numbers
    return Child(one.uri, one.kind, one.media_type, one.blob.size, one.modified)


def view(path: str, *there: str, pods: tuple[Pod, ...] = (POD,)) -> View:
    """The view of a URI where the resources at these paths exist, besides the root and its policy.

    Their revisions count from 1, in this order.
    """
    here, subject = uri(path), names.subject(uri(path))
    found = {uri(one): resource(one, revision=number) for number, one in enumerate((".", ".acl", *there), 1)}
    above = [one for one in names.ancestors(here) if one.startswith(ROOT)]
    occupied = [names.sibling(one) for one in above if one not in found and names.sibling(one) in found]
    return View(
        uri=here,
        target=found.get(here),
        sibling=here not in found and names.sibling(here) in found,
        subject=found.get(subject),
        ancestors=tuple(found[one] for one in above if one in found),
        blocking=occupied[-1] if occupied else None,
        policies=tuple(found[one] for one in map(names.policy_of, (subject, *above)) if one in found),
        pod=next((pod for pod in pods if here.startswith(pod.root)), None),
    )
