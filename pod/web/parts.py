"""What the pages work with."""

from dataclasses import dataclass

from pod.access_requests import AccessRequests
from pod.actors import Actors
from pod.config import Settings
from pod.consents import Consents
from pod.idp.accounts import Accounts, Now
from pod.idp.cookies import Cookies
from pod.idp.deletion import Deletion
from pod.idp.devices import Devices
from pod.idp.entrance import Entrance
from pod.idp.export import Export
from pod.idp.front import Front
from pod.idp.mail import Mail
from pod.idp.notices import Notices
from pod.idp.passkeys import Passkeys
from pod.idp.places import Places
from pod.idp.provider import Provider
from pod.idp.recovery import RecoveryCodes
from pod.idp.sessions import Session, Sessions
from pod.idp.webids import WebIds
from pod.resources import Resources
from pod.storage.stores import Stores
from pod.web.live import Streams


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that pages ask and change."""

    settings: Settings
    stores: Stores
    accounts: Accounts
    sessions: Sessions
    devices: Devices
    entrance: Entrance
    passkeys: Passkeys
    recovery: RecoveryCodes
    mail: Mail
    webids: WebIds
    places: Places
    provider: Provider
    front: Front
    consents: Consents
    requests: AccessRequests
    notices: Notices
    actors: Actors
    deletion: Deletion
    export: Export
    resources: Resources
    streams: Streams
    cookies: Cookies
    now: Now

    async def end_session(self, session: Session) -> None:
        """Sign a session out, and with it the apps that got their tokens in it."""
        await self.sessions.end(session.account, session.id)
