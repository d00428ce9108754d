"""The pods and WebIDs of an account: hosted in its pods, or linked by a proof of control."""

from collections.abc import Sequence
from dataclasses import replace

from pod.auth.issuers import PROFILE, ContextsOf
from pod.errors import Conflict, Forbidden, Malformed, NotFound, PodError
from pod.fetch import Fetcher
from pod.idp.accounts import MOST_WEBIDS, Account, Accounts
from pod.idp.keys import Keys
from pod.idp.sessions import DAY
from pod.model.resource import Pod, Uri
from pod.pods import NewPod, Pods, require_iris, require_name, webid_in
from pod.rdf import formats
from pod.rdf.graph import Literal, objects
from pod.rdf.vocab import SOLID
from pod.storage.ports import Store

LINK = "link"
"""What is proved by a profile that has what only this server could have told its account."""


class WebIds:
    """Makes pods and WebIDs for accounts, and links WebIDs that are kept elsewhere."""

    def __init__(
        self,
        accounts: Accounts,
        pods: Pods,
        store: Store,
        keys: Keys,
        *,
        fetcher: Fetcher,
        contexts: ContextsOf,
        base_url: str,
    ) -> None:
        self._accounts = accounts
        self._pods = pods
        self._store = store
        self._keys = keys
        self._fetcher = fetcher
        self._contexts = contexts
        self._base_url = base_url

    async def create_pod(self, account: Account, name: str, *, webid: str | None = None) -> Pod:
        """A new pod of the account, owned by one of its WebIDs, or by a new one that the pod hosts.

        Malformed when a pod cannot have the name, Conflict when one has it, Forbidden when the
        WebID is not the account's.
        """
        if webid is not None and webid not in account.webids:
            raise Forbidden(f"{webid} is not a WebID of this account; link it first.")
        if account.deleting is not None:
            raise Forbidden("This account is about to be deleted; take that back first.")
        return await self.make(NewPod(name, account.id, webid))

    async def make(self, new: NewPod) -> Pod:
        """The pod, whose account need not know its WebID. When it cannot be made, the account is as it was."""
        await self._pods.require_free(new.name)
        hosted = webid_in(self._pods.root(new.name)) if new.webid is None else None
        # First the account and then the pod: else an interruption could leave a pod whose owner cannot sign in.
        is_new = hosted is not None and await self._reserve(new, hosted)
        try:
            pod = await self._pods.create(new, self._accounts.now())
        except PodError:
            if is_new and hosted is not None and not await self._has(new):
                await self._drop(new.account, hosted)
            raise
        if hosted is not None:
            # Another attempt at the same pod may have failed meanwhile, and taken it back.
            await self._accounts.change(new.account, lambda one: _with(one, hosted))
        return pod

    async def _reserve(self, new: NewPod, webid: str) -> bool:
        """Give the account the WebID; whether it did not have it."""
        known = await self._accounts.get(new.account)
        if known is not None and webid in known.webids:
            return False
        owner = await self._accounts.by_webid(webid)
        if owner is not None and owner.id != new.account:
            raise Conflict(f"There is a pod named {new.name} already; choose another name.")
        await self._accounts.change(new.account, lambda one: _with(one, webid))
        return True

    async def _has(self, new: NewPod) -> bool:
        pod = (await self._store.view(self._pods.root(new.name))).pod
        return pod is not None and pod.account == new.account

    async def pods(self, account: str) -> Sequence[Pod]:
        """The pods of the account, in the order of roots."""
        return await self._store.pods_of(account)

    async def host(self, account: Account, pod: str, name: str) -> str:
        """A further WebID, hosted in the account's pod with that name: `/POD/profile/NAME#me`.

        It has no rights in the pod but to its own profile.
        """
        require_name(name)
        found = [one for one in await self.pods(account.id) if one.name == pod]
        if not found:
            raise NotFound(f"This account has no pod named {pod}.")
        webid = webid_in(found[0].root, name)
        await self._pods.add_profile(found[0], name)
        await self._accounts.change(account.id, lambda one: _with(one, webid))
        return webid

    async def link(self, account: Account, webid: str) -> str:
        """The statement, as Turtle, that the profile of the WebID must have before `verify_link`, to prove control.

        It is another one each day, good until the end of the next, and nothing of it is kept.
        """
        await self._require_linkable(webid)
        token = await self._token(account, webid, self._accounts.now() // DAY)
        return f'<{webid}> <{SOLID.oidcIssuerRegistrationToken}> "{token}".'

    async def _require_linkable(self, webid: str) -> None:
        require_iris(webid)
        if len(webid) > 2048 or webid.startswith(self._base_url):
            raise Malformed("Link a WebID that is kept elsewhere; those of this server belong to its accounts already.")
        if await self._accounts.by_webid(webid) is not None:
            raise Conflict(f"{webid} belongs to an account already.")

    async def _token(self, account: Account, webid: str, day: int) -> str:
        return (await self._keys.ring()).mac(LINK, f"{account.id} {webid} {day}")

    async def verify_link(self, account: Account, webid: str) -> Account:
        """The account with the WebID, whose profile has the statement; Conflict when it does not have it."""
        await self._require_linkable(webid)
        today = self._accounts.now() // DAY
        tokens = {await self._token(account, webid, day) for day in (today, today - 1)}
        found = await self._fetcher.get(webid, accept=PROFILE, renew=True)
        if not formats.is_rdf(found.media_type):
            raise Malformed(f"The profile {webid} is not RDF.")
        contexts = await self._contexts(found.body, found.media_type, Uri(found.url))
        graph = formats.parse(found.body, found.media_type, found.url, contexts)
        said = objects(graph, webid, SOLID.oidcIssuerRegistrationToken)
        if not any(isinstance(one, Literal) and one.value in tokens for one in said):
            raise Conflict(f"The profile {webid} does not have the statement; add it, and then try again.")
        return await self._accounts.change(account.id, lambda one: _with(one, webid))

    async def unlink(self, account: Account, webid: str) -> Account:
        """The account without the WebID, which is kept elsewhere and owns no pod of the account."""
        if webid not in account.webids:
            raise NotFound(f"{webid} is not a WebID of this account.")
        if webid.startswith(self._base_url):
            raise Conflict("A WebID that a pod hosts stays with the pod; remove the pod instead.")
        owned = [one.name for one in await self.pods(account.id) if webid in one.owners]
        if owned:
            raise Conflict(f"{webid} owns the pod {owned[0]}, which nobody could use without it.")
        return await self._drop(account.id, webid)

    async def _drop(self, account: str, webid: str) -> Account:
        return await self._accounts.change(
            account, lambda one: replace(one, webids=tuple(other for other in one.webids if other != webid))
        )

    async def set_default(self, account: Account, webid: str) -> Account:
        """Offer this WebID first when the person signs in to an app."""
        if webid not in account.webids:
            raise NotFound(f"{webid} is not a WebID of this account.")

        def first(one: Account) -> Account:
            others = tuple(other for other in one.webids if other != webid)
            return replace(one, webids=(webid, *others) if webid in one.webids else one.webids)

        return await self._accounts.change(account.id, first)


def _with(account: Account, webid: str) -> Account:
    """The account with the WebID as its last one, unless it has it."""
    if webid in account.webids:
        return account
    if len(account.webids) >= MOST_WEBIDS:
        raise Conflict(f"An account cannot have more than {MOST_WEBIDS} WebIDs.")
    return replace(account, webids=(*account.webids, webid))
