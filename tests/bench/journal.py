"""What was written, who may know of it, who must hear of it, and what they heard: the account of a soak.

Each write has a moment at which it began and, once the server has acknowledged it, an end; a message says when
the change that it tells of was published, on the clock of the same machine. No resource has two writers at
a time, so that each message belongs to one write.
"""

import asyncio
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

GRACE = 1_000_000
"""Microseconds after an acknowledged revocation in which what was sent before it may still arrive."""
OVERDUE = 60_000_000
"""Microseconds after which a change is missing; nobody is away for half as long."""
SHOWN = 20
"""Faults of each kind that are told."""
KEPT = 300_000_000
"""For how long the account of a resource is kept that was deleted."""

Telling = tuple[str, str, str | None]
"""Type, object and target of a message."""
Message = dict[str, str]


def now() -> int:
    """Microseconds since 1970, as the server counts them."""
    return time.time_ns() // 1000


@dataclass(eq=False)
class Right:
    """The right of one person to read in one box."""

    may: bool = False
    """Whether they may, or perhaps may already: true before it is granted, and false once it is not."""
    granted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while they certainly may."""
    lost: int = 0
    """How often it was taken."""
    ended: int = 0
    """When that was acknowledged."""

    @property
    def sure(self) -> bool:
        """Whether they certainly may."""
        return self.granted.is_set()

    def give(self) -> None:
        """It was granted."""
        self.may = True
        self.granted.set()


@dataclass(eq=False)
class Write:
    """One request that changes something."""

    number: int
    start: int
    tells: tuple[Telling, ...]
    document: str
    """What the ETag in the answer is of."""
    acknowledged: int = 0
    etag: str | None = None
    ids: dict[Telling, str] = field(default_factory=dict)
    """Of the messages that tell of it: the same for everybody."""
    claims: list[tuple[str, "Account", bool]] = field(default_factory=list)
    """States that were told while the answer was on its way: to whom, and whether they may not know of this one."""


class Journal:
    """All that was written, and what went wrong."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: dict[str, list[str]] = {"missing": [], "too many": [], "out of order": [], "otherwise": []}
        self.writes = 0
        self.slowest_end = 0
        """Microseconds from the acknowledgement of a revocation to the end of a stream, at most."""

    def fault(self, kind: str, text: str) -> None:
        """Note what went wrong, and say so at once."""
        self.faults[kind].append(text)
        if len(self.faults[kind]) <= SHOWN:
            print(f"{kind}: {text}", file=sys.stderr, flush=True)


class Box:
    """One container with a policy of its own, and all below it."""

    def __init__(self, journal: Journal, uri: str, owner: str) -> None:
        self.journal = journal
        self.uri = uri
        self.policy = f"{uri}.acl"
        self.owner = owner
        self.rights: dict[str, Right] = {owner: Right()}
        self.rights[owner].give()
        self.accounts: list[Account] = []
        self.recent: deque[Write] = deque(maxlen=500)
        self._history: dict[str, list[Write]] = {}

    def begin(self, document: str, *tells: Telling) -> Write:
        """A write that is about to be sent."""
        self.journal.writes += 1
        write = Write(self.journal.writes, now(), tells, document)
        self.recent.append(write)
        for uri in {one[1] for one in tells}:
            self._history.setdefault(uri, []).append(write)
        for account in self.accounts:
            account.expect(write)
        return write

    def lose(self, reader: str) -> None:
        """Who may read is about to lose the right: of what they did not hear yet they need hear nothing."""
        right = self.rights[reader]
        right.granted.clear()
        right.lost += 1
        for account in self.accounts:
            if account.reader == reader:
                account.excuse()

    def acknowledge(self, write: Write, etag: str | None) -> None:
        """The server has answered that it is done."""
        write.acknowledged, write.etag = now(), etag
        for state, account, forbidden in write.claims:
            if state != etag:
                account.fault("otherwise", f"the state {state} of {write.document} is none that it ever had")
            elif forbidden:
                account.fault("too many", f"the state of {write.document} was told after the right to read was lost")
        write.claims.clear()

    def withdraw(self, write: Write) -> None:
        """The server has answered that it is not done."""
        self.recent.remove(write)
        for uri in {one[1] for one in write.tells}:
            self._history[uri].remove(write)
        for account in self.accounts:
            for telling in write.tells:
                account.due.pop((write.number, telling), None)

    def told(self, telling: Telling, published: int) -> Write | None:
        """The write that a message tells of; None when there was none."""
        found = [one for one in self._history.get(telling[1], ()) if one.start <= published]
        return found[-1] if found and telling in found[-1].tells else None

    def following(self, uri: str, write: Write) -> list[Write]:
        """The writes to a resource from this one on."""
        return [one for one in self._history[uri] if one.number >= write.number]

    def forget(self) -> None:
        """Drop what is long over."""
        before = now() - KEPT
        for uri, writes in list(self._history.items()):
            last = writes[-1] if writes else None
            if last is None or (0 < last.acknowledged < before and any(one[0] == "Delete" for one in last.tells)):
                del self._history[uri]
                for account in self.accounts:
                    account.forget(uri)


class Account:
    """What one subscriber must hear, and whether it heard more than that.

    One that is `bare` hears of the listing of the box alone, and no more of each change than that there was one.
    """

    def __init__(self, box: Box, reader: str, channel: str, *, bare: bool = False) -> None:
        self.box = box
        self.reader = reader
        self.channel = channel
        self.right = box.rights[reader]
        self.follows = False
        """Whether it hears of what is written from now on, unless it loses its right."""
        self.due: dict[tuple[int, Telling], Write] = {}
        self.cursor: str | None = None
        self._bare = bare
        self._spare = 0
        """Of how many further changes one that is bare may hear."""
        self._last: dict[tuple[str, bool], tuple[int, Telling | None]] = {}
        box.accounts.append(self)

    def fault(self, kind: str, text: str) -> None:
        """Note what went wrong for this one."""
        self.box.journal.fault(kind, f"{self.channel} of {self.reader} at {self.box.uri}: {text}")

    def follow(self, begins: bool) -> None:
        """From now on it has to hear of all; or need hear of nothing more."""
        self.follows = begins
        if not begins:
            self.due.clear()

    def begin_anew(self, since: int) -> None:
        """It began to listen at some time since then, and knows nothing of what was before."""
        self.follow(True)
        under_way = [one for one in self.box.recent if one.acknowledged == 0 or one.acknowledged >= since]
        self._spare = sum(self.concerns(one) for write in under_way for one in write.tells)

    def excuse(self) -> None:
        """It may or may not hear of what it did not hear yet."""
        self._spare += len(self.due)
        self.due.clear()

    def expect(self, write: Write) -> None:
        """A write begins: it must hear of it if it certainly may."""
        found = {(write.number, one): write for one in write.tells if self.concerns(one)}
        if self.follows and self.right.sure:
            self.due |= found
        elif self.right.may:
            self._spare += len(found)

    def concerns(self, telling: Telling) -> bool:
        """Whether such a message is for this one: who owns the box also hears of its policy."""
        if self._bare:
            return telling[2] == self.box.uri
        return telling[1] != self.box.policy or self.reader == self.box.owner

    def hear_of_some(self) -> None:
        """It heard that there was a change, and not which."""
        self.box.journal.counts["deliveries"] += 1
        if self.due:
            del self.due[next(iter(self.due))]
        elif self._spare:
            self._spare -= 1
        else:
            self.fault("too many", "it heard of more changes than there were")
        if not self.right.may and now() > self.right.ended + GRACE:
            self.fault("too many", "it heard of a change after its right was taken")

    def hear(self, message: Message) -> None:
        """Check one message against the account."""
        self.box.journal.counts["deliveries"] += 1
        telling = (message["type"], message["object"], message.get("target"))
        published = int(datetime.fromisoformat(message["published"]).timestamp() * 1_000_000 + 0.5)
        if "summary" in message:
            self.fault("missing", f"it was told to start again: {message['summary']}")
            return
        write = self.box.told(telling, published)
        if write is None:
            self.fault("too many", f"it heard of what never happened: {message}")
            return
        self.cursor = message["id"]
        if write.ids.setdefault(telling, message["id"]) != message["id"]:
            self.fault("otherwise", f"the id of {message} is another than for others, {write.ids[telling]}")
        self.due.pop((write.number, telling), None)
        self._in_order(telling, published, write)
        self._may_know(write, telling)
        if telling[2] is None and telling[1] == write.document and telling[0] != "Delete":
            self._state(write, message.get("state"))

    def _in_order(self, telling: Telling, published: int, write: Write) -> None:
        _, uri, target = telling
        # Different writers change what a container lists, at the same time; nobody else writes to a document.
        key, place = (uri, False) if target is None else (target, True), write.number if target is None else published
        last, before = self._last.get(key, (0, None))
        if (place, telling) == (last, before):
            self.box.journal.counts["repeats"] += 1
        elif place < last:
            self.fault("out of order", f"it heard of {telling} after {before}")
        else:
            self._last[key] = (place, telling)

    def _may_know(self, write: Write, telling: Telling) -> None:
        if not self.concerns(telling):
            self.fault("too many", f"it heard of the policy: {telling}")
        if self.right.may:
            return
        if write.start > self.right.ended or now() > self.right.ended + GRACE:
            self.fault("too many", f"it heard of {telling} after its right was taken")
        else:
            self.box.journal.counts["under way at a revocation"] += 1

    def _state(self, write: Write, state: str | None) -> None:
        """The state is that of the write, or of a later one that it may know of."""
        later = self.box.following(write.document, write)
        if state is None:
            if not any(one[0] == "Delete" for other in later for one in other.tells):
                self.fault("otherwise", f"{write.document} is told without a state")
            return
        found = [one for one in later if one.etag == state]
        forbidden = [not self.right.may and one.start > self.right.ended for one in later]
        if found and not self.right.may and found[0].start > self.right.ended:
            self.fault("too many", f"the state of {write.document} was told after the right to read was lost")
        elif not found and not later[-1].acknowledged:
            later[-1].claims.append((state, self, forbidden[-1]))
        elif not found:
            self.fault("otherwise", f"the state {state} of {write.document} is none that it ever had")

    def ended(self, lost: int, how: str) -> None:
        """The server has ended its stream, which it opened when its right had been taken `lost` times."""
        self.box.journal.counts["ended by the server"] += 1
        if self.right.sure and self.right.lost == lost:
            self.fault("otherwise", f"its stream ended {how} though it may read")
        if not self.right.may:
            self.box.journal.slowest_end = max(self.box.journal.slowest_end, now() - self.right.ended)

    def check(self, *, listens: bool, limit: int = OVERDUE) -> None:
        """Note what it should have heard by now, and whether it still listens though it may not."""
        before = now() - limit
        for key, write in list(self.due.items()):
            if 0 < write.acknowledged <= before:
                del self.due[key]
                self.fault("missing", f"{key[1]} of the write {key[0]}, its cursor is {self.cursor}")
        if listens and not self.right.may and now() > self.right.ended + 10 * GRACE:
            self.fault("too many", "it still listens though its right was taken")

    def forget(self, uri: str) -> None:
        """Drop what is known of a resource that is no more."""
        self._last.pop((uri, False), None)
        self._last.pop((uri, True), None)
