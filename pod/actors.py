"""Who learns who has changed something: as the owner of each pod wants it, asked when somebody is told."""

import asyncio
from enum import StrEnum

from pod.errors import Busy
from pod.model.resource import Uri
from pod.storage.ports import Records

ACTORS = "actors"
"""Keys are roots of pods; without a record it is as by default."""
TRIES = 8


class Audience(StrEnum):
    """To whom messages about changes name who made them."""

    CONTROLLERS = "controllers"
    """Who decides about the access to the resource."""
    READERS = "readers"
    """Whoever gets the message."""
    NOBODY = "nobody"


DEFAULT = Audience.CONTROLLERS


class Actors:
    """Keeps what owners want."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._looked: dict[Uri, Audience] = {}

    async def of(self, root: Uri) -> Audience:
        """What holds for the pod at this moment.

        One look is taken for true during the rest of a turn of the event loop, in which hundreds may be told.
        """
        found = self._looked.get(root)
        if found is None:
            record = await self._records.get(ACTORS, root)
            found = DEFAULT if record is None else Audience(record.decode())
            if not self._looked:
                asyncio.get_running_loop().call_soon(self._looked.clear)
            self._looked[root] = found
        return found

    async def set(self, root: Uri, audience: Audience) -> None:
        """Let this hold for the pod, from the next message on."""
        new = None if audience is DEFAULT else audience.encode()
        for _ in range(TRIES):
            if await self._records.replace(ACTORS, root, await self._records.get(ACTORS, root), new):
                self._looked.clear()
                return
        raise Busy("This is being changed by somebody else; try again in a moment.")
