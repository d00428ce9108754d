"""Whether a store is as it must be, and how to mend what follows from the rest.

Rows, URIs and the log say many things twice, so that damage to one shows against the other.
Everything is read as a stream: memory does not grow with the store.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Protocol

from pod.model.change import Change, Entry, Happening, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri
from pod.rules import names
from pod.storage.applying import Rows, write
from pod.storage.leaving import Former
from pod.storage.ports import Damage

_NOTHING = Staged(Blob(hashlib.sha256().hexdigest(), 0), b"")

Place = tuple[Uri, str, Uri | None]
"""URI, kind and parent of a resource."""


class Cure(StrEnum):
    """What can be done about a fault."""

    MOVE = "move"
    """Kind and parent follow from the URI."""
    REMAKE = "remake"
    """The log tells what the resource was; a container may also be made anew."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be."""

    what: str
    """One sentence, with the URI or the number of the entry."""
    uri: Uri | None = None
    """What can be cured."""
    cure: Cure | None = None


class Evidence(Protocol):
    """What is kept, as of one moment, whatever it should be."""

    def pods(self) -> Sequence[Pod]:
        """Every pod, also without owner."""

    def formers(self) -> Sequence[Former]:
        """Every pod that was removed, or is being removed."""

    def places(self) -> Iterable[Place]:
        """Where each resource lies."""

    def get(self, uri: Uri) -> Resource | None:
        """The resource."""

    def unlogged(self) -> Iterable[Uri]:
        """Resources whose revision is no entry of the log about them."""

    def histories(self) -> Iterable[Entry]:
        """The whole log, in the order of URIs, and of `seq` for each."""

    def times(self) -> Iterable[tuple[int, int, int]]:
        """`seq`, `commit` and `time` of the whole log, in order."""


class MendableRows(Rows, Protocol):
    """The rows of a transaction that mends."""

    def move(self, uri: Uri, kind: Kind, parent: Uri | None) -> Uri | None:
        """Set kind and parent of a resource; its parent until now."""

    def latest(self, uri: Uri) -> Entry | None:
        """The newest entry of the log about the resource."""


def faults(evidence: Evidence) -> Iterator[Fault]:
    """Everything that cannot be right; the same fault may come twice.

    Of a pod that is being removed any part may be gone.
    """
    pods = {pod.root: pod for pod in evidence.pods()}
    formers = evidence.formers()
    leaving = tuple(former.root for former in formers if not former.done)
    ends = {former.seq for former in formers}
    yield from _pod_faults(evidence, pods)
    yield from _place_faults(evidence, pods, leaving)
    for uri in evidence.unlogged():
        if not uri.startswith(leaving):
            yield Fault(f"The log does not tell of {uri} as it is.")
    for uri, entries in groupby(evidence.histories(), key=lambda entry: entry.uri):
        if not uri.startswith(leaving):
            yield from _history_faults(uri, (one for one in entries if one.seq not in ends), evidence.get(uri))
    yield from _time_faults(evidence.times())


def _pod_faults(evidence: Evidence, pods: Mapping[Uri, Pod]) -> Iterator[Fault]:
    for root, pod in pods.items():
        if not pod.owners:
            yield Fault(f"The pod {root} has no owner.")
        for uri in (root, names.policy_of(root)):
            if evidence.get(uri) is None:
                yield Fault(f"{uri}, which every pod must have, does not exist.")


def _place_faults(evidence: Evidence, pods: Mapping[Uri, Pod], leaving: tuple[Uri, ...]) -> Iterator[Fault]:
    @lru_cache(maxsize=10_000)
    def exists(uri: Uri) -> bool:
        return evidence.get(uri) is not None

    @lru_cache(maxsize=10_000)
    def inside(uri: Uri) -> bool:
        above = names.parent(uri)
        return uri in pods or (above is not None and inside(above))

    for uri, kind, parent in evidence.places():
        if uri.startswith(leaving):
            continue
        if "/" not in uri.partition("://")[2]:
            yield Fault(f"{uri!r} is not the URI of a resource.")
            continue
        subject, above = names.subject(uri), _parent(uri, pods)
        yield from _misplaced(uri, kind, parent, above)
        if not inside(subject):
            yield Fault(f"{uri} lies in no pod.")
        elif above is not None and not exists(above):
            yield Fault(f"{uri} lies in {above}, which does not exist.", above, Cure.REMAKE)
        if subject != uri and not exists(subject):
            yield Fault(f"{uri} belongs to {subject}, which does not exist.")
        if names.kind(uri) is Kind.CONTAINER and evidence.get(names.sibling(uri)) is not None:
            yield Fault(f"{uri} and {names.sibling(uri)} both exist.")


def _misplaced(uri: Uri, kind: str, parent: Uri | None, above: Uri | None) -> Iterator[Fault]:
    if kind != names.kind(uri):
        yield Fault(f"{uri} is kept as a {kind}, and its URI says {names.kind(uri)}.", uri, Cure.MOVE)
    if parent != above:
        said, right = parent or "nothing", above or "nothing"
        yield Fault(f"{uri} is listed by {said}, and belongs to {right}.", uri, Cure.MOVE)


def _parent(uri: Uri, pods: Mapping[Uri, Pod]) -> Uri | None:
    """The container that must list the resource."""
    return None if uri in pods else names.parent(uri)


def _history_faults(uri: Uri, entries: Iterable[Entry], there: Resource | None) -> Iterator[Fault]:
    last = None
    for entry in entries:
        before = None if last is None else last.after
        begins, ends = entry.happening is Happening.CREATE, entry.happening is Happening.DELETE
        if entry.before != before or begins != (before is None) or ends != (entry.after is None):
            yield Fault(f"Entry {entry.seq} of the log does not follow from what {uri} was before.")
        last = entry
    if last is None or (there is None and last.after is None):
        return
    if there is None:
        yield Fault(f"{uri} does not exist, and the log does not tell of its end.", uri, Cure.REMAKE)
    elif (there.revision, there.blob, there.media_type) != (last.seq, last.after, last.media_type):
        yield Fault(f"The log does not tell of {uri} as it is.")


def _time_faults(times: Iterable[tuple[int, int, int]]) -> Iterator[Fault]:
    commit_before, time_before, seq_before = 0, 0, 0
    for seq, commit, time in times:
        # Its first entries may have gone with their pod.
        if commit != commit_before and not seq_before < commit <= seq:
            yield Fault(f"Entry {seq} of the log belongs to commit {commit}, and comes after commit {commit_before}.")
        if time < time_before:
            yield Fault(f"Entry {seq} of the log is older than the one before it.")
        commit_before, time_before, seq_before = commit, time, seq


def report(found: Sequence[Fault], left: Sequence[Fault]) -> list[Damage]:
    """The faults that were found, of which some are `left`, and those that came to light meanwhile."""
    still = set(left)
    return [Damage(fault.what, repaired=fault not in still) for fault in dict.fromkeys((*found, *left))]


def mend(fault: Fault, pods: Mapping[Uri, Pod], now: int, rows: MendableRows) -> None:
    """Do what can be done about the fault; the log tells of it as of any change."""
    if fault.uri is None:
        return
    if fault.cure is Cure.MOVE:
        _move(rows, fault.uri, pods, now)
    elif fault.cure is Cure.REMAKE:
        _remake(rows, fault.uri, pods, now)


def _move(rows: MendableRows, uri: Uri, pods: Mapping[Uri, Pod], now: int) -> None:
    parent = _parent(uri, pods)
    former = rows.move(uri, names.kind(uri), parent)
    # Where it was listed wrongly, the listing has changed as well.
    places = (uri,) if former in {None, parent} else (former, uri)
    changed = [found for one in places if one is not None and (found := rows.get(one)) is not None]
    write(rows, Change((), tuple(_write(one.uri, one.media_type, one.blob, pods) for one in changed)), now)


def _remake(rows: MendableRows, uri: Uri, pods: Mapping[Uri, Pod], now: int) -> None:
    """Make the resource again, and the containers above it that lack."""
    for one in (*reversed(names.ancestors(uri)), uri):
        if any(one.startswith(root) for root in pods) and rows.get(one) is None:
            _remake_one(rows, one, pods, now)


def _remake_one(rows: MendableRows, uri: Uri, pods: Mapping[Uri, Pod], now: int) -> None:
    known = rows.latest(uri)
    if known is not None and known.after is not None and rows.holds(known.after):
        made = _write(uri, known.media_type, known.after, pods)
    elif names.kind(uri) is Kind.CONTAINER:
        made = Write(uri, Kind.CONTAINER, "text/turtle", _NOTHING, _parent(uri, pods))
    else:
        return
    if known is not None and known.after is not None:
        # The log has yet to tell that it was gone.
        seq, time = rows.head()
        gone = replace(known, seq=seq + 1, commit=seq + 1, time=max(now, time + 1), agent=None, client=None)
        rows.append(replace(gone, happening=Happening.DELETE, before=known.after, after=None))
    write(rows, Change((), (made,)), now)


def _write(uri: Uri, media_type: str, blob: Blob, pods: Mapping[Uri, Pod]) -> Write:
    return Write(uri, names.kind(uri), media_type, Staged(blob, None), _parent(uri, pods))
