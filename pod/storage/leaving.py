"""How pods are closed and removed: once, for every backend that has rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pod.errors import NotFound
from pod.model.change import Change, Entry, Happening, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Uri
from pod.storage.applying import Rows, write


@dataclass(frozen=True, slots=True)
class Former:
    """A pod that was removed, or is about to be."""

    root: Uri
    name: str
    seq: int
    """The entry of the log that tells of its end."""
    begun: int
    done: bool


def as_pod(former: Former) -> Pod:
    """What a view of something in it has as the pod."""
    return Pod(former.root, former.name, (), "", former.begun, closed=True)


class LeavingRows(Rows, Protocol):
    """The rows of a transaction in which a pod is closed or begins to go."""

    def pod_at(self, root: Uri) -> Pod | None:
        """The pod with this root."""

    def set_closed(self, root: Uri, closed: bool) -> None:
        """Close the pod, or open it again."""

    def retire(self, former: Former) -> None:
        """Remove the row of the pod, and keep that it was there."""

    def has_former(self, root: Uri) -> bool:
        """Whether a pod with this root was removed or is about to be."""


def close(rows: LeavingRows, root: Uri, closed: bool, now: int) -> None:
    """Close the pod, or open it again; NotFound when there is none. `finish` must follow.

    The log tells of it as of a change of the root, so that every worker and follower knows at once.
    """
    pod, top = rows.pod_at(root), rows.get(root)
    if pod is None or top is None:
        raise NotFound(f"There is no pod at {root}.")
    if pod.closed == closed:
        return
    rows.set_closed(root, closed)
    same = Write(root, Kind.CONTAINER, top.media_type, Staged(top.blob, None), None)
    write(rows, Change((), (same,)), now)


def begin_purge(rows: LeavingRows, root: Uri, now: int) -> None:
    """From here on the pod is no more; NotFound when there never was one.

    One entry of the log tells of it: that its root was deleted, by nobody, and no content.
    """
    if rows.has_former(root):
        return
    pod = rows.pod_at(root)
    if pod is None:
        raise NotFound(f"There is no pod at {root}.")
    seq, last = rows.head()
    time = max(now, last + 1)
    tells = (root, Kind.CONTAINER, Happening.DELETE, "text/turtle", None, None, None, None)
    rows.append(Entry(seq + 1, seq + 1, *tells, time))
    rows.retire(Former(root, pod.name, seq + 1, time, done=False))


def blobs(entry: Entry) -> Iterator[Blob]:
    """The content that the entry names."""
    yield from (one for one in (entry.before, entry.after) if one is not None)


def end(root: Uri) -> str:
    """What comes after the root and everything in the pod, in the order of URIs."""
    return f"{root[:-1]}0"  # which follows the slash
