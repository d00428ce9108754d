"""A pod with the account that it belongs to, as an operator makes them: at the command line, for a demonstration."""

import uuid
from dataclasses import dataclass

from pod.errors import Conflict, PodError
from pod.idp.accounts import Account, Accounts, address
from pod.idp.passwords import Passwords, require_usable
from pod.idp.webids import WebIds
from pod.model.resource import Uri
from pod.pods import NewPod, Pods, require_iris


@dataclass(frozen=True, slots=True)
class Request:
    """What a new pod is to be, and whose."""

    name: str
    email: str
    """Of an account that there is, or of a new one."""
    password: str | None = None
    webid: str | None = None
    """The owner, when it is a WebID kept elsewhere; otherwise the pod hosts one."""
    issuer: str | None = None
    """Whom the hosted WebID names as its identity provider; by default this server."""
    playground: bool = False
    """Add a container in which everyone may read and write, to try things out."""


@dataclass(frozen=True, slots=True)
class Created:
    """What the new owner needs to know."""

    account: str
    webid: str
    storage: Uri
    issuer: str


class Provision:
    """Makes pods for people who are known by an address."""

    def __init__(self, accounts: Accounts, passwords: Passwords, webids: WebIds, pods: Pods, base_url: str) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._webids = webids
        self._pods = pods
        self._base_url = base_url

    async def create(self, request: Request) -> Created:
        """Make the pod, and the account if there is none with the address, or raise and leave nothing.

        Malformed when name, address, password or WebID cannot be used, Conflict when the pod
        exists already, or the account with another password.
        """
        email = address(request.email)
        if request.password is not None:
            require_usable(request.password, email)
        require_iris(request.webid, request.issuer)
        await self._pods.require_free(request.name)
        account, is_new = await self._account(email, request.password)
        new = NewPod(request.name, account, request.webid, request.issuer, request.playground)
        try:
            pod = await self._webids.make(new)
        except PodError:
            if is_new:
                await self._accounts.remove(account)
            raise
        return Created(account, pod.owners[0], pod.root, request.issuer or self._base_url)

    async def _account(self, email: str, password: str | None) -> tuple[str, bool]:
        """The id of the account with this address, and whether it came to be just now."""
        known = await self._accounts.by_email(email)
        if known is not None:
            await self._require_password(known, password)
            return known.id, False
        kept = None if password is None else await self._passwords.hash(password)
        account = Account(str(uuid.uuid4()), email, password=kept, created=self._accounts.now())
        try:
            await self._accounts.add(account)
        except Conflict:
            # Somebody made an account with this address meanwhile.
            return await self._account(email, password)
        return account.id, True

    async def _require_password(self, account: Account, password: str | None) -> None:
        """Raise Conflict when a password is given that is not the account's: it is not changed in passing."""
        if password is None:
            return
        if account.password is None:
            raise Conflict(f"{account.email} has an account without a password; leave the password out.")
        if not await self._passwords.verify(account.password, password):
            raise Conflict(f"{account.email} has an account and a password; leave the password out, or give that one.")
