"""What people let apps do in their name: kept as records, and asked at each request.

Nothing is kept in memory that decides, so that what is taken back holds at the next request on every worker.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pod.cache import Cache
from pod.errors import Busy
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.consent import Consent, Grant, Occurrence, Turn
from pod.model.resource import Uri
from pod.storage.ports import Records, Swap

CONSENT = "consent"
"""The family of consents; keys are `WEBID CLIENT`, and a WebID has no spaces."""
USED = "consent-used"
"""When a client last acted for a person; keys as above."""
HISTORY = "consent-history"
"""Keys are `WEBID TIME CLIENT`."""
REMEMBERED = 2 * 365 * 24 * 3600 * 1_000_000
"""How long the history goes back, in microseconds."""
MINUTE = 60 * 1_000_000
TRIES = 8
PARSED = 4096
"""How many consents are kept as values, by their bytes."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A consent as it was read."""

    consent: Consent
    ends: int | None
    """When the first of its grants does; None when none does."""


Turned = Callable[[Consent | None, Consent | None], Awaitable[None]]
"""Learns what a consent was and what it has become."""


async def _untold(_before: Consent | None, _after: Consent | None) -> None:
    """Nobody has to know."""


class Consents:
    """Keeps consents."""

    def __init__(self, records: Records, base_url: str, now: Callable[[], int]) -> None:
        self._records = records
        self._base_url = base_url
        self._now = now
        self._turned: Turned = _untold
        self._parsed: Cache[bytes, _Kept] = Cache(PARSED)
        self._used: dict[str, int] = {}

    def tell(self, turned: Turned) -> None:
        """Let `turned` know of every change from now on, once it is kept."""
        self._turned = turned

    async def of(self, agent: Agent) -> Consent | None:
        """What limits the agent's client: its grants that hold at this moment; None when nothing does.

        Only tokens of this server are limited. One for which there is no consent may nothing but what everyone may.
        """
        webid, client = agent.webid, agent.client
        if client is None or webid is None or agent.issuer != self._base_url:
            return None
        key = f"{webid} {client}"
        record = await self._records.get(CONSENT, key)
        if record is None:
            return Consent(webid, client, (), 0)
        now = self._now()
        self._used[key] = now
        return _alive(self._read(record), now)

    async def get(self, webid: str, client: str) -> Consent | None:
        """What the client may do for the WebID, without grants that have ended; None when there is no consent."""
        record = await self._records.get(CONSENT, f"{webid} {client}")
        return None if record is None else _alive(self._read(record), self._now())

    async def all(self, webid: str) -> Sequence[Consent]:
        """Every consent of the WebID, in the order of clients."""
        now = self._now()
        return [_alive(self._read(record), now) for _, record in await self._records.below(CONSENT, f"{webid} ")]

    async def give(self, consent: Consent) -> None:
        """Let the client do this, instead of what it was let do before; it holds at its next request."""
        await self._turn(consent.agent, consent.client, consent)

    async def revoke(self, webid: str, client: str) -> Consent | None:
        """Take back everything; what it was, or None when there was nothing."""
        return await self._turn(webid, client, None)

    async def _turn(self, webid: str, client: str, consent: Consent | None) -> Consent | None:
        key, time = f"{webid} {client}", 0
        for _ in range(TRIES):
            old = await self._records.get(CONSENT, key)
            if consent is None and old is None:
                return None
            before = None if old is None else self._read(old).consent
            swaps = [Swap(CONSENT, key, old, None if consent is None else _written(consent))]
            if consent is None:
                swaps.append(Swap(USED, key, await self._records.get(USED, key), None))
                self._used.pop(key, None)
            # Two turns within a microsecond are told one after the other.
            time = max(time + 1, self._now())
            what = Turn.REVOKED if consent is None else Turn.GIVEN if old is None else Turn.CHANGED
            told = json.dumps({"turn": what, "client": client, "grants": _listed(consent), "time": time}).encode()
            swaps.append(Swap(HISTORY, f"{webid} {time:020d} {client}", None, told, time + REMEMBERED))
            if await self._records.swap(*swaps):
                await self._turned(before, consent)
                return before
        raise Busy("This consent changes all the time; try again in a moment.")

    async def history(self, webid: str) -> Sequence[Occurrence]:
        """What became of the consents of the WebID, the latest first."""
        rows = await self._records.below(HISTORY, f"{webid} ")
        return [_occurrence(json.loads(value)) for _, value in reversed(rows)]

    async def last_used(self, webid: str) -> Mapping[str, int]:
        """When each client last acted for the WebID, to the minute, in microseconds since 1970.

        Also when that was since the last `flush` of this worker; other workers learn it from theirs.
        """
        beginning = f"{webid} "
        kept = {key: int(value) for key, value in await self._records.below(USED, beginning)}
        latest = kept | {key: time for key, time in self._used.items() if key.startswith(beginning)}
        return {key.removeprefix(beginning): time for key, time in latest.items()}

    async def flush(self) -> None:
        """Keep who was used since the last time; for a task that asks once a minute."""
        used, self._used = self._used, {}
        for key, time in used.items():
            known = await self._records.get(USED, key)
            if known is not None and time < int(known) + MINUTE:
                continue
            # Only beside a consent: what was revoked meanwhile leaves nothing behind.
            consent = await self._records.get(CONSENT, key)
            if consent is not None:
                here = Swap(CONSENT, key, consent, consent)
                await self._records.swap(here, Swap(USED, key, known, b"%d" % time))

    async def forget(self, webid: str) -> None:
        """Remove everything that is kept about the WebID."""
        self._used = {key: time for key, time in self._used.items() if not key.startswith(f"{webid} ")}
        for family in (CONSENT, USED, HISTORY):
            for key, value in await self._records.below(family, f"{webid} "):
                await self._records.replace(family, key, value, None)

    def _read(self, record: bytes) -> _Kept:
        found = self._parsed.get(record)
        if found is None:
            facts = json.loads(record)
            grants = tuple(map(_grant, facts["grants"]))
            ends = min((one.until for one in grants if one.until is not None), default=None)
            found = _Kept(Consent(facts["agent"], facts["client"], grants, facts["given"]), ends)
            self._parsed.put(record, found)
        return found


def _alive(kept: _Kept, now: int) -> Consent:
    if kept.ends is None or now < kept.ends:
        return kept.consent
    consent = kept.consent
    return replace(consent, grants=tuple(one for one in consent.grants if one.until is None or now < one.until))


def _written(consent: Consent) -> bytes:
    facts = {"agent": consent.agent, "client": consent.client, "grants": _listed(consent), "given": consent.given}
    return json.dumps(facts).encode()


def _listed(consent: Consent | None) -> list[dict[str, object]]:
    grants = () if consent is None else consent.grants
    return [{"target": one.target, "modes": sorted(one.modes), "until": one.until} for one in grants]


def _grant(facts: Mapping[str, Any]) -> Grant:  # Any: as this module wrote it
    return Grant(Uri(facts["target"]), frozenset(map(Mode, facts["modes"])), facts["until"])


def _occurrence(facts: Mapping[str, Any]) -> Occurrence:  # Any: as this module wrote it
    return Occurrence(Turn(facts["turn"]), facts["client"], tuple(map(_grant, facts["grants"])), facts["time"])
