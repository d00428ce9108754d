"""Wishes for access: who was refused can ask the owner of the pod, whose answer becomes a rule in the policy."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from pod import events
from pod.access import granting
from pod.errors import Busy, Conflict, Malformed, NotFound, PodError, Throttled, Unauthenticated
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.policies import Policies
from pod.rdf.graph import Graph, NamedNode
from pod.resources import Resources
from pod.rules import names
from pod.storage.ports import Records, Store, Swap

REQUEST, TO, BY, DUE = "access-request", "access-request-to", "access-request-by", "access-request-due"
"""Families of records: by id; `ROOT ID`; `ASKER ID`; `UNTIL ID`."""
SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
OPEN = 90 * DAY
"""How long a request waits for an answer."""
KEPT = 365 * DAY
"""How long it is remembered once it was refused or has ended."""
DAILY = 10
"""How often one person can ask one owner within a day."""
MOST = 500
"""How many requests to one pod are kept at once."""
REASON = 1000
"""Characters."""
LAST = 253_402_300_800 * SECOND
"""The end of the last year that a date can have."""
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


class State(StrEnum):
    """What became of a request."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"
    """Its time is over, or the owner took it back."""


class Answer(StrEnum):
    """What an owner says."""

    GRANT = "grant"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A wish of one person for one place, with its answer."""

    id: str
    asker: str
    """A WebID."""
    client: str | None
    """The app by which it was asked."""
    uri: Uri
    """What access is wanted to, or to all below it; whether anything is there is not said."""
    modes: frozenset[Mode]
    """What is asked for, and once it is answered what was given."""
    reason: str
    root: Uri
    """The pod."""
    time: int
    """Microseconds since 1970, as all times here."""
    state: State = State.OPEN
    answered: int | None = None
    until: int | None = None
    recursive: bool = False
    only_client: bool = False
    """Given through `client` alone."""


Told = Callable[[AccessRequest], Awaitable[None]]
"""Tells whoever has to know: the owner of one that is open, the asker of all others."""


async def _untold(_request: AccessRequest) -> None:
    """Both have their lists; nobody is written to."""


class AccessRequests:
    """Keeps requests, and turns what owners grant into rules."""

    def __init__(
        self,
        records: Records,
        store: Store,
        resources: Resources,
        now: Callable[[], int],
        told: Told = _untold,
    ) -> None:
        self._records = records
        self._store = store
        self._policies = Policies(resources)
        self._now = now
        self._told = told

    async def ask(
        self, agent: Agent, uri: str, modes: frozenset[Mode], reason: str, *, only_client: bool = False
    ) -> AccessRequest:
        """Ask the owner of the pod in which `uri` lies, whether or not something is there.

        The same wish, asked again while it is open, is the one there is. Raises Unauthenticated for nobody known,
        NotFound outside of pods, Throttled for who asks too often, Malformed for what cannot be asked.
        """
        if agent.webid is None:
            raise Unauthenticated("Sign in to ask for access.")
        if not _is_iri(agent.webid):
            raise Malformed(f"{agent.webid!r} is not an http or https address.")
        subject = _subject(uri)
        pod = (await self._store.view(subject)).pod
        if pod is None or pod.closed:
            raise NotFound("No pod is here.")
        if agent.webid in pod.owners:
            raise Conflict("This pod is yours; you need not ask.")
        if only_client and not (agent.client and _is_iri(agent.client)):
            raise Malformed("The app has no address by which a rule could name it; ask for every app you use.")
        wish = AccessRequest(
            secrets.token_hex(12),
            agent.webid,
            agent.client,
            subject,
            _modes(modes),
            _reason(reason),
            pod.root,
            self._now(),
            only_client=only_client,
        )
        same = await self._same(wish)
        return same if same is not None else await self._kept(wish)

    async def _same(self, wish: AccessRequest) -> AccessRequest | None:
        """The same wish, if it is open already; Throttled when its asker has asked too much."""
        earlier = [one for one in await self.of_asker(wish.asker) if one.root == wish.root]
        for one in earlier:
            about = (one.uri, one.modes, one.client, one.only_client)
            if one.state is State.OPEN and about == (wish.uri, wish.modes, wish.client, wish.only_client):
                return one
        if sum(wish.time - one.time < DAY for one in earlier) >= DAILY:
            raise Throttled("You have asked this owner often today; ask again tomorrow.", 24 * 3600)
        waiting = await self._records.below(TO, f"{wish.root} ")
        if len(waiting) >= MOST:
            raise Throttled("This owner has more requests than anyone reads; ask again some other day.", 24 * 3600)
        return None

    async def _kept(self, wish: AccessRequest) -> AccessRequest:
        expires = wish.time + OPEN
        swaps = [Swap(REQUEST, wish.id, None, _written(wish), expires)]
        swaps += [Swap(family, key, None, b"1", expires) for family, key in _indexes(wish)]
        if not await self._records.swap(*swaps):
            raise Busy("This could not be kept; try again.")
        await self._tell(wish)
        return wish

    async def _tell(self, request: AccessRequest) -> None:
        try:
            await self._told(request)
        except PodError as error:
            events.failed("access request", error)  # it is in the lists of both

    async def of_owner(self, account: str) -> Sequence[AccessRequest]:
        """Requests to pods of the account, by its id: the latest first."""
        pods = await self._store.pods_of(account)
        return await self._listed(TO, [pod.root for pod in pods])

    async def of_asker(self, webid: str) -> Sequence[AccessRequest]:
        """What the person asked: the latest first."""
        return await self._listed(BY, [webid])

    async def _listed(self, family: str, whose: Sequence[str]) -> Sequence[AccessRequest]:
        keys = [key for one in whose for key, _ in await self._records.below(family, f"{one} ")]
        found = [await self.get(key.rpartition(" ")[2]) for key in keys]
        return sorted((one for one in found if one is not None), key=lambda one: (-one.time, one.id))

    async def get(self, request: str) -> AccessRequest | None:
        """The request with this id."""
        record = await self._records.get(REQUEST, request)
        return None if record is None else _read(record)

    async def answer(
        self,
        request: str,
        account: str,
        answer: Answer,
        modes: frozenset[Mode] | None = None,
        *,
        until: int | None = None,
        recursive: bool = False,
    ) -> AccessRequest:
        """Answer for the account that owns the pod; what is granted is a rule in the policy, which ends at `until`.

        `modes` None: as asked. `recursive`: for a container, everything below it too. Raises NotFound when
        there is no such request of the account's pods, Conflict when it was answered before, or nothing is there.
        """
        wish, owner = await self._of(request, account)
        if wish.state is not State.OPEN:
            raise Conflict("This request was answered already.")
        now = self._now()
        if answer is Answer.REFUSE:
            answered = replace(wish, state=State.REFUSED, answered=now)
        else:
            if until is not None and not now < until < LAST:
                raise Malformed("The end must be in the future.")
            answered = replace(
                wish,
                state=State.GRANTED,
                answered=now,
                modes=wish.modes if modes is None else _modes(modes),
                until=None if until is None else until // SECOND * SECOND,
                recursive=recursive and wish.uri.endswith("/"),
            )
        # First the answer, of which there is one, and then what follows from it.
        await self._replace(wish, answered)
        if answered.state is State.GRANTED:
            try:
                await self._policies.add(owner, wish.uri, _rule(answered))
            except PodError:
                await self._replace(answered, wish)
                raise
        await self._tell(answered)
        return answered

    async def withdraw(self, request: str, account: str) -> AccessRequest:
        """Take back what was granted: its rule goes out of the policy."""
        given, owner = await self._of(request, account)
        if given.state is not State.GRANTED:
            raise Conflict("Nothing was granted that could be taken back.")
        return await self._end(given, owner)

    async def sweep(self) -> int:
        """Remove rules whose time is over, which give nothing since then; how many went."""
        due = [key for key in await self._records.keys(DUE) if int(key.partition(" ")[0]) <= self._now()]
        for key in due:
            request = key.rpartition(" ")[2]
            given = await self.get(request)
            if given is not None and given.state is State.GRANTED:
                pod = (await self._store.view(given.root)).pod
                if pod is not None and not pod.closed:
                    await self._end(given, Agent(pod.owners[0]))
            await self._records.replace(DUE, key, b"1", None)
        return len(due)

    async def _end(self, given: AccessRequest, owner: Agent) -> AccessRequest:
        await self._policies.remove(owner, given.uri, _name(given))
        ended = replace(given, state=State.ENDED)
        await self._replace(given, ended)
        await self._tell(ended)
        return ended

    async def _of(self, request: str, account: str) -> tuple[AccessRequest, Agent]:
        """The request to a pod of the account, and its owner."""
        wish = await self.get(request)
        pod = None if wish is None else (await self._store.view(wish.root)).pod
        if wish is None or pod is None or pod.account != account:
            raise NotFound("There is no such request.")
        return wish, Agent(pod.owners[0])

    async def _replace(self, old: AccessRequest, new: AccessRequest) -> None:
        expires = None if new.state is State.GRANTED else new.time + (OPEN if new.state is State.OPEN else KEPT)
        swaps = [Swap(REQUEST, new.id, _written(old), _written(new), expires)]
        swaps += [Swap(family, key, b"1", b"1", expires) for family, key in _indexes(new)]
        if new.until is not None and new.state is State.GRANTED:
            swaps.append(Swap(DUE, f"{new.until:020d} {new.id}", None, b"1"))
        elif old.until is not None and old.state is State.GRANTED:
            key = f"{old.until:020d} {old.id}"
            swaps.append(Swap(DUE, key, await self._records.get(DUE, key), None))
        if not await self._records.swap(*swaps):
            raise Conflict("This request was answered already.")


def _subject(uri: str) -> Uri:
    """What access is asked to: the subject of an auxiliary resource shares it."""
    try:
        place = Uri(names.canonical(uri))
    except ValueError:
        place = None
    if place is None or names.fault(place) is not None:
        raise Malformed("There can be no resource at this address.")
    return names.subject(place)


def _is_iri(text: str) -> bool:
    """Whether a rule can name it."""
    try:
        return _IRI.fullmatch(text) is not None and bool(NamedNode(text).value)
    except ValueError:
        return False


def _modes(modes: frozenset[Mode]) -> frozenset[Mode]:
    if not modes:
        raise Malformed("Say what for: read, append, write or control.")
    return modes - {Mode.APPEND} if Mode.WRITE in modes else modes


def _reason(text: str) -> str:
    reason = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if len(reason) > REASON:
        raise Malformed(f"The reason is too long; use at most {REASON} characters.")
    return reason


def _name(given: AccessRequest) -> str:
    """The IRI of the rule that was made for the request."""
    return f"{names.policy_of(given.uri)}#request-{given.id}"


def _rule(given: AccessRequest) -> Graph:
    return granting.rule(
        _name(given),
        given.uri,
        given.asker,
        sorted(given.modes),
        below=given.recursive,
        client=given.client if given.only_client else None,
        until=given.until,
    )


def _indexes(request: AccessRequest) -> tuple[tuple[str, str], tuple[str, str]]:
    return (TO, f"{request.root} {request.id}"), (BY, f"{request.asker} {request.id}")


def _written(request: AccessRequest) -> bytes:
    return json.dumps({**asdict(request), "modes": sorted(request.modes)}).encode()


def _read(record: bytes) -> AccessRequest:
    facts = json.loads(record)
    return AccessRequest(**{**facts, "modes": frozenset(map(Mode, facts["modes"])), "state": State(facts["state"])})
