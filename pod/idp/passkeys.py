"""Passkeys: sign-in with a key that never leaves the person's device (Web Authentication)."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pod.errors import Busy, Conflict, Malformed, NotFound, Unauthenticated
from pod.idp.accounts import Account, Accounts
from pod.idp.sessions import token_key
from pod.storage.ports import Records, Swap

PASSKEY, PASSKEY_OF, CHALLENGE = "passkey", "passkey-of", "challenge"
"""Passkeys by `ACCOUNT/CREDENTIAL`, the account of each credential, and what was asked of a browser."""
FRESH = 300 * 1_000_000
"""How long the answer to a challenge is taken, in microseconds."""
MOST = 20
NAME = 100
TRIES = 8
RESTLESS = "The account changes all the time; try again in a moment."
REFUSED = "The passkey was not accepted; try again, or sign in in another way."
# What the library, given anything at all, lets through of the parsers that it uses.
_FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)

Json = Mapping[str, object]
Response = str | Json
"""What a browser's `navigator.credentials` gave, with `toJSON`; or its text."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of an account. Times are in microseconds since 1970."""

    id: str
    """The id of the credential, in base64url."""
    name: str
    """What its owner calls it."""
    key: str
    """The public key, in base64url."""
    count: int
    """How often it was used, as far as its device counts."""
    created: int
    used: int | None = None
    backed_up: bool = False
    """Whether it is kept on more than one device."""
    transports: tuple[str, ...] = ()


class Passkeys:
    """Registers passkeys, and finds out whose they are."""

    def __init__(self, records: Records, accounts: Accounts, account_url: str) -> None:
        self._records = records
        self._accounts = accounts
        self._origin = account_url.removesuffix("/")
        self._host = urlsplit(account_url).hostname or ""

    async def registration_options(self, account: Account) -> dict[str, object]:
        """What `navigator.credentials.create` needs, as JSON, to make a passkey for the account."""
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=self._host,
            user_id=account.id.encode(),
            user_name=account.email,
            user_display_name=account.name or account.email,
            challenge=await self._challenge(account.id),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=_bytes(one.id)) for one in await self.all(account.id)
            ],
        )
        return options_to_json_dict(options)

    async def register(self, account: Account, response: Response, name: str) -> Passkey:
        """The new passkey of the account, from what the browser gave.

        Malformed when it does not answer a challenge for this account, Conflict when it is known
        already or there are too many.
        """
        response = _read(response)
        challenge = await self._answered(response, account.id)
        if challenge is None:
            raise Malformed("The passkey took too long, or was asked for elsewhere; try again.")
        try:
            found = webauthn.verify_registration_response(
                credential=dict(response),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except _FAULTS as error:
            raise Malformed("The passkey could not be understood; try again.") from error
        if len(await self.all(account.id)) >= MOST:
            raise Conflict(f"An account cannot have more than {MOST} passkeys; remove one first.")
        passkey = Passkey(
            id=_text(found.credential_id),
            name=_name(name),
            key=_text(found.credential_public_key),
            count=found.sign_count,
            created=self._accounts.now(),
            backed_up=found.credential_backed_up,
            transports=_transports(response),
        )
        made = (
            Swap(PASSKEY, f"{account.id}/{passkey.id}", None, _encoded(passkey)),
            Swap(PASSKEY_OF, passkey.id, None, account.id.encode()),
        )
        if not await self._records.swap(*made):
            raise Conflict("This passkey belongs to an account already.")
        return passkey

    async def authentication_options(self) -> dict[str, object]:
        """What `navigator.credentials.get` needs, as JSON; a passkey itself names its account."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=await self._challenge(""),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json_dict(options)

    async def authenticate(self, response: Response) -> Account:
        """The account of the passkey that answered; Unauthenticated when it is not known or proves nothing.

        Failures make nobody wait: there is nothing to guess.
        """
        response = _read(response)
        challenge = await self._answered(response, "")
        identifier = response.get("id")
        if challenge is None or not isinstance(identifier, str):
            raise Unauthenticated(REFUSED)
        for _ in range(TRIES):
            owner = await self._records.get(PASSKEY_OF, identifier)
            key = f"{(owner or b'').decode()}/{identifier}"
            record = await self._records.get(PASSKEY, key)
            account = None if owner is None else await self._accounts.get(owner.decode())
            if record is None or account is None or not _is_users(response, account.id):
                raise Unauthenticated(REFUSED)
            used = self._verified(response, challenge, _decoded(record))
            if await self._records.swap(Swap(PASSKEY, key, record, _encoded(used))):
                return account
        raise Unauthenticated(REFUSED)

    def _verified(self, response: Json, challenge: bytes, passkey: Passkey) -> Passkey:
        """The passkey as it is after this use. A count that does not rise means that there is a copy of it."""
        try:
            found = webauthn.verify_authentication_response(
                credential=dict(response),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=_bytes(passkey.key),
                credential_current_sign_count=passkey.count,
            )
        except _FAULTS as error:
            raise Unauthenticated(REFUSED) from error
        now = self._accounts.now()
        return replace(passkey, count=found.new_sign_count, used=now, backed_up=found.credential_backed_up)

    async def all(self, account: str) -> Sequence[Passkey]:
        """The passkeys of the account, the oldest first."""
        found = [_decoded(record) for _, record in await self._records.below(PASSKEY, f"{account}/")]
        return sorted(found, key=lambda one: (one.created, one.id))

    async def rename(self, account: str, passkey: str, name: str) -> None:
        """Call the passkey by another name."""
        key, name = f"{account}/{passkey}", _name(name)
        for _ in range(TRIES):
            record = await self._records.get(PASSKEY, key)
            if record is None:
                raise NotFound("There is no such passkey.")
            if await self._records.replace(PASSKEY, key, record, _encoded(replace(_decoded(record), name=name))):
                return
        raise Busy(RESTLESS)

    async def remove(self, account: str, passkey: str) -> None:
        """Take the passkey no longer. Conflict when nothing would be left to sign in with."""
        key = f"{account}/{passkey}"
        for _ in range(TRIES):
            record = await self._records.get(PASSKEY, key)
            if record is None:
                raise NotFound("There is no such passkey.")
            gone = (Swap(PASSKEY, key, record, None), Swap(PASSKEY_OF, passkey, account.encode(), None))
            if await self._records.swap(*gone, *await self._other_way(account, key)):
                return
        raise Busy(RESTLESS)

    async def _other_way(self, account: str, key: str) -> Sequence[Swap]:
        """What must still be there when the passkey at the key goes: a password, or another passkey."""
        person = await self._accounts.get(account)
        if person is not None and person.password is not None:
            return ()
        others = [one for one in await self._records.below(PASSKEY, f"{account}/") if one[0] != key]
        if not others:
            raise Conflict("This is all you can sign in with; set a password or add another passkey first.")
        name, record = others[0]
        return (Swap(PASSKEY, name, record, record),)

    async def _challenge(self, account: str) -> bytes:
        """A new challenge, for the account to register with, or for anyone to sign in with when it is empty."""
        challenge = secrets.token_bytes(32)
        expires = self._accounts.now() + FRESH
        await self._records.put(CHALLENGE, token_key(_text(challenge)), account.encode(), expires)
        return challenge

    async def _answered(self, response: Json, account: str) -> bytes | None:
        """The challenge that is answered, which no other answer can name again; None when it was not asked of them."""
        try:
            inner = response["response"]
            said = json.loads(_bytes(inner["clientDataJSON"]))["challenge"]  # type: ignore[index]  # caught below
            challenge = _bytes(said)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        key = token_key(_text(challenge))
        asked = await self._records.get(CHALLENGE, key)
        if asked is None or not hmac.compare_digest(asked, account.encode()):
            return None
        return challenge if await self._records.replace(CHALLENGE, key, asked, None) else None


def _read(response: Response) -> Json:
    """The response as JSON; empty, and so no answer to any challenge, when it is none."""
    try:
        found = json.loads(response) if isinstance(response, str) else response
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _is_users(response: Json, account: str) -> bool:
    """Whether the passkey says that it was made for the account, if it says anything."""
    inner = response.get("response")
    said = inner.get("userHandle") if isinstance(inner, Mapping) else None
    return said is None or said == _text(account.encode())


def _transports(response: Json) -> tuple[str, ...]:
    inner = response.get("response")
    said = inner.get("transports") if isinstance(inner, Mapping) else None
    return tuple(str(one)[:20] for one in said[:8]) if isinstance(said, list) else ()


def _name(name: str) -> str:
    name = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if len(name) > NAME:
        raise Malformed(f"The name is too long; use at most {NAME} characters.")
    return name or "Passkey"


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(passkey: Passkey) -> bytes:
    return json.dumps(asdict(passkey)).encode()


def _decoded(record: bytes) -> Passkey:
    facts = json.loads(record)
    return Passkey(**{**facts, "transports": tuple(facts["transports"])})
