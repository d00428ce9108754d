"""Wishes for access: who was refused can ask the owner of the pod, whose answer becomes a rule in the policy."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.resources import Resources
from pod.storage.ports import Records, Store


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
        self._resources = resources
        self._now = now
        self._told = told

    async def ask(
        self, agent: Agent, uri: Uri, modes: frozenset[Mode], reason: str, *, only_client: bool = False
    ) -> AccessRequest:
        """Ask the owner of the pod in which `uri` lies, whether or not something is there.

        The same wish, asked again while it is open, is the one there is. Raises Unauthenticated for nobody known,
        NotFound outside of pods, Throttled for who asks too often, Malformed for what cannot be asked.
        """
        raise NotImplementedError

    async def of_owner(self, account: str) -> Sequence[AccessRequest]:
        """Requests to pods of the account, by its id: the latest first."""
        raise NotImplementedError

    async def of_asker(self, webid: str) -> Sequence[AccessRequest]:
        """What the person asked: the latest first."""
        raise NotImplementedError

    async def get(self, request: str) -> AccessRequest | None:
        """The request with this id."""
        raise NotImplementedError

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
        there is no such request of the account's pods, Conflict when it was answered before.
        """
        raise NotImplementedError

    async def sweep(self) -> int:
        """Remove rules whose time is over; how many went."""
        raise NotImplementedError
