"""The provider: what an app asked, what its person answered, and what comes of it."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pod.consents import Consents
from pod.errors import Conflict, Forbidden, Malformed, NotFound, Unauthenticated
from pod.idp import asking, authorization, clients, codes
from pod.idp.accounts import Account
from pod.idp.asking import Ask
from pod.idp.authorization import Interaction
from pod.idp.clients import Client, Clients
from pod.idp.codes import Approval, Code
from pod.idp.keys import Keys
from pod.idp.places import Places
from pod.idp.sessions import Session
from pod.model.access import Mode
from pod.model.consent import Consent, Grant
from pod.model.resource import Uri
from pod.storage.ports import Records, Swap

AGREED = "agreed"
"""The family of records about what was asked when a person agreed; keys are `WEBID CLIENT`."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person was asked when they agreed, and by whom."""

    client: Client
    asks: tuple[Ask, ...]
    remember: bool
    """Whether the app need not ask again."""
    granted: bool = True
    """Whether the app was let do anything, besides knowing who the person is."""


class Provider:
    """Keeps interactions from the request to the answer."""

    def __init__(
        self,
        records: Records,
        keys: Keys,
        clients: Clients,
        consents: Consents,
        places: Places,
        *,
        base_url: str,
        now: Callable[[], int],
    ) -> None:
        self._records = records
        self.keys = keys
        self.clients = clients
        self._consents = consents
        self._places = places
        self.base_url = base_url
        self.now = now

    async def begin(self, interaction: Interaction, binding: str) -> Interaction:
        """Keep a request until its person answers, in the browser that has the binding."""
        kept = replace(interaction, id=secrets.token_urlsafe(18), binding=clients.digest(binding))
        expires = kept.created + authorization.LIFETIME
        await self._records.put(authorization.FAMILY, kept.id, _bytes(kept), expires)
        return kept

    async def interaction(self, interaction: str, binding: str | None) -> Interaction | None:
        """The request that waits for an answer in the browser of the binding; None when there is none."""
        kept = await self._records.get(authorization.FAMILY, interaction)
        if kept is None or binding is None:
            return None
        found = authorization.of_facts(json.loads(kept))
        return found if found.binding == clients.digest(binding) else None

    async def agree(
        self,
        interaction: Interaction,
        session: Session,
        account: Account,
        webid: str,
        grants: tuple[Grant, ...] | None,
        *,
        remember: bool = True,
    ) -> str:
        """The URL that brings the app a code, once the person has let it have `grants` (None: what it has already).

        Raises Forbidden for a WebID of somebody else, Unauthenticated when the person has to sign in again for
        this app, Malformed when there is nothing to keep, Conflict when the request was answered before.
        """
        if session.account != account.id or webid not in account.webids or account.deleting is not None:
            raise Forbidden("This WebID is not one of yours.")
        if interaction.must_sign_in(session.authenticated, self.now()):
            raise Unauthenticated("The app asks that you sign in again.")
        client = interaction.client
        if grants is None and await self._consents.get(webid, client.id) is None:
            raise Malformed("There is no agreement with this app that could be kept.")
        # Whatever happens next, the answer is given once.
        code, swaps = await self._code(interaction, session, account.id, webid)
        if not await self._records.swap(*swaps):
            raise Conflict("This request was answered already; go back to the app.")
        if grants is not None:
            await self._consents.give(Consent(webid, client.id, grants, self.now()))
            await self._remember(webid, Agreed(client, interaction.asks, remember, bool(grants)))
        await self.clients.used(client)
        return interaction.reply.url(self.base_url, code=code)

    async def _code(
        self, interaction: Interaction, session: Session, account: str, webid: str
    ) -> tuple[str, tuple[Swap, ...]]:
        client, secret = interaction.client, codes.new_code()
        approval = Approval(
            client.id,
            webid,
            account,
            session.id,
            session.authenticated,
            session.how,
            interaction.scopes,
            client.algorithm,
        )
        code = Code(
            approval,
            secrets.token_urlsafe(18),
            interaction.redirect_uri,
            interaction.challenge,
            interaction.nonce,
            interaction.dpop_jkt,
        )
        expires = self.now() + codes.CODE_LIFETIME
        made = Swap(codes.CODE, codes.digest(secret), None, codes.code_bytes(code), expires)
        if not interaction.id:  # answered at once, so that it was never kept
            return secret, (made,)
        return secret, (Swap(authorization.FAMILY, interaction.id, _bytes(interaction), None), made)

    async def _remember(self, webid: str, agreed: Agreed) -> None:
        facts = {
            "client": agreed.client.facts(),
            "asks": [one.facts() for one in agreed.asks],
            "remember": agreed.remember,
            "granted": agreed.granted,
        }
        await self._records.put(AGREED, f"{webid} {agreed.client.id}", json.dumps(facts).encode())

    async def agreed(self, webid: str, client: str) -> Agreed | None:
        """What the person was asked when they last agreed with the app; also who the app was then, for pages."""
        kept = await self._records.get(AGREED, f"{webid} {client}")
        if kept is None:
            return None
        facts = json.loads(kept)
        asks = tuple(map(asking.of_facts, facts["asks"]))
        return Agreed(clients.of_facts(facts["client"]), asks, facts["remember"], facts["granted"])

    async def has_consent(self, webid: str, client: str) -> bool:
        """Whether the person lets the client do anything at all in their name."""
        return await self._consents.get(webid, client) is not None

    async def standing(self, interaction: Interaction, account: Account) -> str | None:
        """The WebID in whose name the app may go on without asking; None when its person has to be asked."""
        found = [webid for webid in account.webids if await self.may_go_on(interaction, webid)]
        return found[0] if len(found) == 1 else None

    async def may_go_on(self, interaction: Interaction, webid: str) -> bool:
        """Whether the person has agreed with the app before, to all that it asks for."""
        consent = await self._consents.get(webid, interaction.client.id)
        agreed = await self.agreed(webid, interaction.client.id)
        if consent is None or agreed is None or not agreed.remember:
            return False
        # Who let it do something for a time, which is over, is asked again.
        is_over = agreed.granted and not consent.grants
        return not is_over and asking.is_covered(interaction.asks, agreed.asks)

    async def agreed_clients(self, webid: str) -> list[str]:
        """The ids of the clients that may act in the name of the WebID."""
        return [consent.client for consent in await self._consents.all(webid)]

    async def refuse(self, interaction: Interaction) -> str:
        """The URL that tells the app that its person did not agree. Conflict when the request was answered before."""
        if not await self._records.replace(authorization.FAMILY, interaction.id, _bytes(interaction), None):
            raise Conflict("This request was answered already; go back to the app.")
        said = "The person did not agree."
        return interaction.reply.url(self.base_url, error="access_denied", error_description=said)

    async def credentials(self, account: Account, webid: str, name: str) -> tuple[str, str]:
        """Id and secret of a new client that acts in the name of the WebID, and may do everything that it may."""
        if webid not in account.webids:
            raise Forbidden("This WebID is not one of yours.")
        if account.deleting is not None:
            raise Forbidden("This account is about to be deleted; take that back first.")
        client, secret = await self.clients.issue(account.id, webid, name)
        everything = Grant(Uri(self.base_url), frozenset(Mode))
        await self._consents.give(Consent(webid, client.id, (everything,), self.now()))
        await self._remember(webid, Agreed(client, (), remember=True))
        return client.id, secret

    async def credentials_of(self, account: Account) -> Sequence[Client]:
        """Every such client of the account."""
        return await self.clients.issued(account.id)

    async def remove_credentials(self, account: Account, client_id: str) -> None:
        """Remove such a client; its tokens are worth nothing at the next request. NotFound when there is none."""
        client = await self.clients.withdraw(account.id, client_id)
        if client is None or client.webid is None:
            raise NotFound("There is no such token.")
        await self.revoke(client.webid, client.id)

    async def revoke(self, webid: str, client: str) -> None:
        """Take back what the person agreed with the app: its tokens are worth nothing at the next request."""
        await self._consents.revoke(webid, client)
        prefix = f"{webid} {client} "
        # Should the person agree anew, what the app has still got from before must not come back to life.
        for key, _ in await self._records.below(codes.OF_CLIENT, prefix):
            await self._records.put(codes.ENDED, key.removeprefix(prefix), b"", self.now() + codes.ENDED_FOR)
        await self._end(codes.OF_CLIENT, prefix)

    async def end_webid(self, account: Account, webid: str) -> None:
        """Let nobody act in the name of a WebID that the account has no longer, whoever has it next."""
        for client in await self.clients.issued(account.id):
            if client.webid == webid:
                await self.remove_credentials(account, client.id)
        for name in await self.agreed_clients(webid):
            await self.revoke(webid, name)

    async def end_session(self, session: str) -> None:
        """End all tokens of apps that stay signed in, which they got in a session that its person has ended."""
        prefix = f"{session} "
        for key, _ in await self._records.below(codes.OF_SESSION, prefix):
            await self._records.put(codes.ENDED, key.removeprefix(prefix), b"", self.now() + codes.ENDED_FOR)
        await self._end(codes.OF_SESSION, prefix)

    async def end_account(self, account: Account) -> None:
        """End every token that anyone holds for the account."""
        for client in await self.clients.issued(account.id):
            await self.remove_credentials(account, client.id)
        for webid in account.webids:
            await self._end(codes.OF_CLIENT, f"{webid} ")

    async def _end(self, index: str, prefix: str) -> None:
        for key, _ in await self._records.below(index, prefix):
            await self.end_grant(key.rpartition(" ")[2])

    async def end_grant(self, grant: str) -> None:
        """End the refresh tokens of a grant."""
        while True:
            kept = await self._records.get(codes.GRANT, grant)
            if kept is None or await self._records.swap(*codes.ended_grant(codes.grant_of(kept))):
                return

    async def targets(self, webid: str, ask: Ask) -> tuple[Uri, ...]:
        """Where the person keeps what the app asks for; empty when that is not known yet."""
        return await self._places.of(webid, ask)


def _bytes(interaction: Interaction) -> bytes:
    return json.dumps(interaction.facts()).encode()
