"""Letters about requests for access: that somebody asks, and what the answer is."""

from pod.access_requests import AccessRequest, State
from pod.idp.accounts import Account, Accounts
from pod.idp.mail import Mail
from pod.storage.ports import Store


class Telling:
    """Writes to whoever has an account here. What strangers wrote is on the page alone, and in no letter."""

    def __init__(self, accounts: Accounts, store: Store, mail: Mail) -> None:
        self._accounts = accounts
        self._store = store
        self._mail = mail

    async def told(self, request: AccessRequest) -> None:
        """Tell the owner of a request that is open, and the asker of one that is not."""
        is_open = request.state is State.OPEN
        reader = await (self._owner(request) if is_open else self._accounts.by_webid(request.asker))
        if reader is None or reader.deleting is not None:
            return
        pod = (await self._store.view(request.root)).pod
        key = "asked" if is_open else f"answered-{request.state.value}"
        await self._mail.send(reader.email, key, {"pod": "" if pod is None else pod.name}, reader.language)

    async def _owner(self, request: AccessRequest) -> Account | None:
        pod = (await self._store.view(request.root)).pod
        return None if pod is None else await self._accounts.get(pod.account)
