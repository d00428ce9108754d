"""How people come in: they sign up, prove who they are, and change what they prove it with."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass, replace

from pod.errors import Forbidden, Malformed, NotFound, Throttled, Unauthenticated
from pod.idp.accounts import NAME, Account, Accounts, address, on_one_line
from pod.idp.devices import Devices
from pod.idp.invitations import Invitations
from pod.idp.letters import PAGES, WORN, Letter, Letters
from pod.idp.mail import Mail
from pod.idp.passwords import Passwords, require_usable
from pod.idp.sessions import Sessions, token_key
from pod.idp.throttle import Counter, Throttle, by_peer
from pod.storage.ports import Swap

WRONG = "The address or the password is wrong."
"""The one answer to whoever cannot sign in, whether there is such an account or not."""
NO_MAIL = "This server cannot send mail; sign in with a recovery code or a passkey, or ask whoever runs it."


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants an account."""

    email: str
    password: str | None = None
    """None: a passkey will do instead."""
    name: str = ""
    language: str | None = None
    invitation: str | None = None
    then: str = ""
    """Where to go on once there is an account, such as the sign-in to an app that led here."""
    binding: str = ""
    """A secret that only this browser has, in a cookie."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What following the link of a letter did."""

    kind: str
    """`sign-up`, `verify` or `email`."""
    account: Account
    then: str = ""


@dataclass(frozen=True, slots=True)
class Means:
    """What the entrance works with."""

    accounts: Accounts
    passwords: Passwords
    throttle: Throttle
    devices: Devices
    sessions: Sessions
    invitations: Invitations
    letters: Letters
    mail: Mail


class Entrance:
    """Lets in who is known. Nobody learns here who has an account, unless mail cannot be sent.

    `peer` is always the address of the client. A session is for the caller to start.
    """

    def __init__(self, means: Means, sign_up: str) -> None:
        """`sign_up` is `open`, `invitation` or `closed`."""
        self._means = means
        self._accounts = means.accounts
        self._passwords = means.passwords
        self._throttle = means.throttle
        self._mail = means.mail
        self._sign_up = sign_up

    async def sign_up(self, applicant: Applicant, peer: str) -> Account | None:
        """The new account, or None when its address must be confirmed first, by a link that was sent there.

        With a mail server it is always None, also for an address that has an account, whose owner is
        then told so by mail. Without one the address is not verified, and Conflict tells that it has an
        account. Forbidden without the invitation that is needed, or when sign-up is closed.
        """
        used = await self._admission(applicant.invitation)
        email = address(applicant.email)
        if applicant.password is not None:
            require_usable(applicant.password, email)
        await self._throttle.attempt(by_peer("asking", peer))
        kept = None if applicant.password is None else await self._passwords.hash(applicant.password)
        if self._mail.delivers:
            await self._invite(applicant, email, kept, used)
            return None
        account = self._made(email, kept, applicant.name, applicant.language)
        await self._accounts.add(account, *used)
        await self.ask_to_verify(account)
        return account

    async def _admission(self, invitation: str | None) -> tuple[Swap, ...]:
        """What uses up the right to make an account, where one is needed."""
        if self._sign_up == "closed":
            raise Forbidden("New accounts cannot be made here; ask whoever runs this server.")
        if self._sign_up == "open":
            return ()
        return (await self._means.invitations.use(invitation),)

    async def _invite(self, applicant: Applicant, email: str, kept: str | None, used: tuple[Swap, ...]) -> None:
        """Send the mail with which the sign-up goes on, or the one that there is an account already."""
        known = await self._accounts.by_email(email)
        facts = {
            "password": kept,
            "name": applicant.name,
            "language": applicant.language,
            "invitation": used[0].key if used else None,
            "then": applicant.then,
            "binding": token_key(applicant.binding),
        }
        to = email if await self._may_write(email, "sign-up") else None
        letter = Letter("sign-up", email, facts=facts) if known is None else None
        await self._mail.send(to, "sign-up" if known is None else "known", {}, applicant.language, letter)

    async def _may_write(self, email: str, why: str) -> bool:
        """Whether the address has not been sent much already because somebody, perhaps a stranger, named it.

        Each reason counts for itself: no other letter keeps away the one by which the owner comes in again.
        """
        try:
            await self._throttle.attempt(Counter("mail", f"{why} {email}"))
        except Throttled:
            return False
        return True

    def _made(self, email: str, kept: str | None, name: str | None, language: str | None) -> Account:
        name = on_one_line(name or "")[:NAME]
        now = self._accounts.now()
        return Account(str(uuid.uuid4()), email, password=kept, created=now, language=language, name=name)

    async def confirm(self, token: str, binding: str = "") -> Confirmed:
        """Do what the letter of the token is for: the person has shown that its address is theirs.

        A new account has the password with which it was asked for only in the browser that did so:
        anyone could have asked, and would know the password of the one who reads the letter. In another
        browser it has none yet. NotFound when it was done already, or too long ago. A password needs `reset`.
        """
        letter, used = await self._means.letters.read(token)
        match letter.kind:
            case "sign-up":
                return await self._join(letter, used, binding)
            case "verify":
                return Confirmed("verify", await self._verified(letter, used))
            case "email":
                return Confirmed("email", await self._moved(letter, used))
            case _:
                raise NotFound(WORN)

    async def works(self, token: str, page: str) -> bool:
        """Whether a link to this page, one of PAGES, still does what its letter was for; it is not used up by this."""
        try:
            letter, _ = await self._means.letters.read(token)
        except NotFound:
            return False
        if PAGES[letter.kind] != page:
            return False
        account = None if letter.account is None else await self._accounts.get(letter.account)
        return letter.account is None or (account is not None and _is_fresh(letter, account))

    async def _join(self, letter: Letter, used: Swap, binding: str) -> Confirmed:
        facts = letter.facts
        is_bound = bool(binding) and hmac.compare_digest(token_key(binding), facts["binding"] or "")
        kept = facts["password"] if is_bound else None
        made = self._made(letter.email, kept, facts["name"], facts["language"])
        invitation = facts["invitation"]
        admission = () if invitation is None else (await self._means.invitations.use_kept(invitation),)
        account = replace(made, verified=True)
        await self._accounts.add(account, used, *admission)
        return Confirmed("sign-up", account, facts["then"] or "")

    async def _verified(self, letter: Letter, used: Swap) -> Account:
        def verified(account: Account) -> Account:
            if not _is_fresh(letter, account):
                raise NotFound(WORN)
            return replace(account, verified=True)

        return await self._accounts.change(letter.account or "", verified, used)

    async def _moved(self, letter: Letter, used: Swap) -> Account:
        old = letter.facts["old"] or ""

        def moved(account: Account) -> Account:
            if not _is_fresh(letter, account):
                raise NotFound(WORN)
            return replace(account, email=letter.email, verified=True)

        account = await self._accounts.change(letter.account or "", moved, used)
        await self._mail.send(old, "email-changed", {"new": account.email}, account.language)
        return account

    async def ask_to_verify(self, account: Account) -> None:
        """Send a letter by which the owner can show that mail reaches them."""
        if not account.verified and await self._may_write(account.email, "verify"):
            letter = Letter("verify", account.email, account.id)
            await self._mail.send(account.email, "verify", {}, account.language, letter)

    async def sign_in(self, email: str, password: str, peer: str, device: str | None = None) -> Account:
        """The account of the address, whose password this is.

        Unauthenticated, in the same words and after the same work, when there is no such account,
        and Throttled after many failures. On a device that is known from an earlier sign-in only
        failures on that device count, so that nobody else can keep the owner out.
        """
        email = email.strip(" ").lower()
        account = await self._accounts.by_email(email)
        known = account is not None and await self._means.devices.knows(account.id, device)
        own = Counter("device" if known else "address", f"{email} {device}" if known else email)
        shared = () if known else (by_peer("peer", peer),)
        await self._throttle.attempt(own, *shared)
        right = await self._passwords.verify(None if account is None else account.password, password)
        if account is None or not right:
            raise Unauthenticated(WRONG)
        await self._throttle.forget(own)
        for counter in shared:
            await self._throttle.forgive(counter)
        return await self._rehashed(account, password)

    async def _rehashed(self, account: Account, password: str) -> Account:
        """The account with a hash as they are made today."""
        old = account.password
        if old is None or not self._passwords.needs_rehash(old):
            return account
        new = await self._passwords.hash(password)
        return await self._accounts.change(
            account.id, lambda one: replace(one, password=new) if one.password == old else one
        )

    async def forgot(self, email: str, peer: str) -> None:
        """Send a letter by which the owner can set a new password; nobody learns whether there is an account.

        Forbidden where no mail can be sent.
        """
        if not self._mail.works:
            raise Forbidden(NO_MAIL)
        email = address(email)
        await self._throttle.attempt(by_peer("asking", peer))
        may = await self._may_write(email, "reset")
        account = await self._accounts.by_email(email)
        if account is None:
            await self._mail.send(None, "reset")
            return
        letter = Letter("reset", email, account.id, {"state": _state(account)})
        await self._mail.send(email if may else None, "reset", {}, account.language, letter)

    async def reset(self, token: str, password: str) -> Account:
        """The account with a new password, by the link of a letter; all its sessions have ended.

        NotFound when the link was used, is too old, or older than the present password.
        """
        letter, used = await self._means.letters.read(token)
        if letter.kind != "reset":
            raise NotFound(WORN)
        require_usable(password, letter.email)
        kept = await self._passwords.hash(password)

        def with_password(account: Account) -> Account:
            if not _is_fresh(letter, account):
                raise NotFound(WORN)
            return replace(account, password=kept, verified=True)

        account = await self._accounts.change(letter.account or "", with_password, used)
        await self._throttle.forget(Counter("address", account.email))
        await self._changed(account, None)
        return account

    async def set_password(self, account: Account, password: str, keep: str | None) -> Account:
        """The account with a new password; all its sessions have ended but the one with the id `keep`.

        The caller has made sure that the owner is there: that they signed in a short time ago.
        """
        require_usable(password, account.email)
        kept = await self._passwords.hash(password)
        changed = await self._accounts.change(account.id, lambda one: replace(one, password=kept))
        await self._changed(changed, keep)
        return changed

    async def _changed(self, account: Account, keep: str | None) -> None:
        """Whoever is in the account by the old password no longer is, and the owner is told."""
        await self._means.sessions.end_all(account.id, keep)
        await self._means.devices.forget_all(account.id)
        if account.verified:
            await self._mail.send(account.email, "password-changed", {}, account.language)

    async def change_email(self, account: Account, email: str) -> Account | None:
        """Ask at the new address whether it is the owner's: None; it becomes the account's by `confirm`.

        The answer is the same when it has an account, whose owner is told. Where no mail can be sent
        it is changed at once, and Conflict tells that it has an account. As with `set_password`
        the caller has made sure that the owner is there.
        """
        email = address(email)
        if email == account.email:
            raise Malformed("This is the address that the account has already.")
        if not self._mail.works:
            return await self._accounts.change(account.id, lambda one: replace(one, email=email, verified=False))
        known = await self._accounts.by_email(email)
        to = email if await self._may_write(email, "email") else None
        letter = Letter("email", email, account.id, {"old": account.email}) if known is None else None
        await self._mail.send(to, "email" if known is None else "email-taken", {}, account.language, letter)
        return None


def _is_fresh(letter: Letter, account: Account) -> bool:
    """Whether what the letter is about has not changed since it was written."""
    match letter.kind:
        case "reset":
            return hmac.compare_digest(_state(account), letter.facts["state"] or "")
        case "email":
            return account.email == letter.facts["old"]
        case _:
            return account.email == letter.email


def _state(account: Account) -> str:
    """What changes with the password and the address, so that a letter about them is worth nothing afterwards."""
    return hashlib.sha256(f"{account.email}\n{account.password}".encode()).hexdigest()
