"""Recovery codes: ten words on paper, for the day when password, passkeys and mail are gone."""

import base64
import secrets
from collections.abc import Sequence

from pod.errors import Unauthenticated
from pod.idp.accounts import Account, Accounts
from pod.idp.sessions import token_key
from pod.idp.throttle import Throttle, by_peer
from pod.storage.ports import Records, Swap

FAMILY = "recovery"
"""Keys are `ACCOUNT/HASH`."""
NUMBER = 10
WRONG = "The address or the recovery code is wrong; each code can be used once."


class RecoveryCodes:
    """Makes codes and uses them up. Only hashes are kept."""

    def __init__(self, records: Records, accounts: Accounts, throttle: Throttle) -> None:
        self._records = records
        self._accounts = accounts
        self._throttle = throttle

    async def make(self, account: str) -> Sequence[str]:
        """New codes of 80 bits, told once; those from before can no longer be used."""
        codes = [_new() for _ in range(NUMBER)]
        made = [Swap(FAMILY, _key(account, code), None, b"1") for code in codes]
        while True:
            known = await self._records.below(FAMILY, f"{account}/")
            if await self._records.swap(*(Swap(FAMILY, key, value, None) for key, value in known), *made):
                return codes

    async def use(self, email: str, code: str, peer: str) -> Account:
        """The account of the address, whose code is used up; Unauthenticated, or Throttled, when it has no such code.

        Failures are counted for the client alone: no stranger can keep the owner from using one.
        """
        counter = by_peer("peer", peer)
        await self._throttle.attempt(counter)
        account = await self._accounts.by_email(email)
        key = _key("" if account is None else account.id, code)
        if account is None or not await self._records.replace(FAMILY, key, b"1", None):
            raise Unauthenticated(WRONG)
        await self._throttle.forgive(counter)
        return account

    async def left(self, account: str) -> int:
        """How many codes can still be used."""
        return len(await self._records.below(FAMILY, f"{account}/"))


def _new() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _key(account: str, code: str) -> str:
    # Base 32 has neither 0 nor 1: who types them means the letters that look like them.
    plain = "".join(code.lower().split()).replace("-", "").replace("0", "o").replace("1", "l")
    return f"{account}/{token_key(plain)}"
