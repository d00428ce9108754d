"""The keys that sign tokens: kept encrypted, published before they are used and after.

All of them are one record, so that any number of workers agree on which one signs. A key of
each algorithm signs for a while, its successor is published some days before, and it stays
published until every token that it signed has expired.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from pod.auth.keys import Json, decode, encode
from pod.errors import Misconfigured, Unauthenticated
from pod.storage.ports import Records

FAMILY, KEY = "provider", "keys"
DAY = 24 * 3600 * 1_000_000
SIGNS_FOR = 90 * DAY
"""How long a key signs, in microseconds."""
AHEAD = 3 * DAY
"""How long a key is published before it signs: longer than anyone keeps a key set."""
AFTER = 2 * DAY
"""How long a key is published after it has signed: longer than any token is valid."""
ALGORITHMS = ("ES256", "RS256")
_COST = 2**15
_PURPOSE = b"rhizome provider "

Signer = ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class Kept:
    """A key as it is kept. `sealed` is the private key, encrypted if there is a passphrase."""

    kid: str
    algorithm: str
    signs: int
    """When it begins to sign, in microseconds since 1970."""
    sealed: str


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys at one moment."""

    signers: Mapping[str, Signer]
    """By algorithm."""
    published: KeySet
    seed: bytes

    def sign(self, claims: Mapping[str, Json], algorithm: str, kind: str) -> str:
        """The claims as a JWT whose type is `kind`."""
        key = self.signers[algorithm]
        return jwt.encode({"alg": algorithm, "typ": kind, "kid": key.kid}, dict(claims), key, algorithms=[algorithm])

    def read(self, token: str) -> dict[str, Json]:
        """The claims of a token that was signed here, perhaps expired; Unauthenticated for any other."""
        try:
            return jwt.decode(token, self.published, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError) as error:
            raise Unauthenticated("The token is none of this server's.", "invalid_token") from error

    def jwks(self) -> Mapping[str, Json]:
        """The public keys, as anyone may see them."""
        return cast("Mapping[str, Json]", self.published.as_dict(private=False))

    def mac(self, purpose: str, data: str) -> str:
        """What nobody else could have made of the data; the same each time."""
        return encode(hmac.digest(self.seed, f"{purpose} {data}".encode(), "sha256"))


def plan(keys: Sequence[Kept], now: int) -> tuple[tuple[Kept, ...], tuple[tuple[str, int], ...]]:
    """The keys that are still of use, and those to be made: algorithm, and when each begins to sign."""
    kept: list[Kept] = []
    wanted: list[tuple[str, int]] = []
    for algorithm in ALGORITHMS:
        same = sorted((one for one in keys if one.algorithm == algorithm), key=lambda one: one.signs)
        ends = [*(one.signs for one in same[1:]), None]
        kept += [one for one, end in zip(same, ends, strict=False) if end is None or now < end + AFTER]
        if not same:
            wanted.append((algorithm, now))
        elif now >= same[-1].signs + SIGNS_FOR - AHEAD:
            wanted.append((algorithm, max(now + AHEAD, same[-1].signs + SIGNS_FOR)))
    return tuple(kept), tuple(wanted)


class Keys:
    """Keeps the keys in a record; `passphrase` (empty: none) encrypts them there."""

    def __init__(self, records: Records, passphrase: str, now: Callable[[], int]) -> None:
        self._records = records
        self._passphrase = passphrase
        self._now = now
        self._box: AESGCM | None = None
        self._salt = ""
        self._read: tuple[bytes, Mapping[str, tuple[Kept, Signer]], bytes] | None = None

    async def open(self) -> None:
        """Make ready what is missing and drop what has served; at the start, and then about daily.

        Misconfigured when the passphrase is not the one that the keys were encrypted with.
        """
        while True:
            before = await self._records.get(FAMILY, KEY)
            fresh: dict[str, Json] = {"salt": encode(secrets.token_bytes(16))}
            document = json.loads(before) if before is not None else fresh
            await self._unlock(document)
            keys = tuple(Kept(**one) for one in document.get("keys", ()))
            seed = self._unsealed(document["seed"], "seed") if "seed" in document else secrets.token_bytes(32)
            private = {one.kid: self._unsealed(one.sealed, one.kid) for one in keys}
            kept, wanted = plan(keys, self._now())
            is_sealed = document.get("sealed", self._box is not None)
            if not wanted and kept == keys and before is not None and is_sealed == (self._box is not None):
                return
            made = [await self._made(*one) for one in wanted]
            resealed = [
                Kept(one.kid, one.algorithm, one.signs, self._sealed(private[one.kid], one.kid)) for one in kept
            ]
            after = {
                "salt": self._salt,
                "sealed": self._box is not None,
                "seed": self._sealed(seed, "seed"),
                "keys": [{name: getattr(one, name) for name in Kept.__slots__} for one in (*resealed, *made)],
            }
            if await self._records.replace(FAMILY, KEY, before, json.dumps(after).encode()):
                return

    async def _unlock(self, document: Mapping[str, Json]) -> None:
        """Derive the key of the box from the passphrase; Misconfigured when there has to be one."""
        if not self._passphrase:
            if document.get("sealed"):
                raise Misconfigured(("identity.secret: the signing keys are encrypted; give the passphrase.",))
            self._box, self._salt = None, document["salt"]
            return
        if self._box is None or self._salt != document["salt"]:
            self._salt = document["salt"]
            derive = Scrypt(salt=decode(self._salt), length=32, n=_COST, r=8, p=1).derive
            self._box = AESGCM(await asyncio.to_thread(derive, self._passphrase.encode()))
        if document.get("sealed") is False:
            return  # what is kept in clear is encrypted as it is written anew
        if "seed" in document:
            self._unsealed(document["seed"], "seed")

    def _sealed(self, data: bytes, name: str) -> str:
        if self._box is None:
            return f"plain.{encode(data)}"
        nonce = secrets.token_bytes(12)
        return encode(nonce + self._box.encrypt(nonce, data, _PURPOSE + name.encode()))

    def _unsealed(self, sealed: str, name: str) -> bytes:
        if sealed.startswith("plain."):
            return decode(sealed.removeprefix("plain."))
        wrong = Misconfigured(("identity.secret: this is not the passphrase that encrypted the signing keys.",))
        if self._box is None:
            raise wrong
        data = decode(sealed)
        try:
            return self._box.decrypt(data[:12], data[12:], _PURPOSE + name.encode())
        except InvalidTag as error:
            raise wrong from error

    async def _made(self, algorithm: str, signs: int) -> Kept:
        kid = secrets.token_urlsafe(9)
        key: Signer
        if algorithm == "RS256":
            key = await asyncio.to_thread(RSAKey.generate_key, 2048)
        else:
            key = ECKey.generate_key("P-256")
        private = json.dumps(key.as_dict(private=True)).encode()
        return Kept(kid, algorithm, signs, self._sealed(private, kid))

    async def ring(self) -> Ring:
        """The keys as they are at this moment."""
        kept = await self._records.get(FAMILY, KEY)
        if kept is None:
            await self.open()
            kept = await self._records.get(FAMILY, KEY)
            assert kept is not None  # `open` made them
        if self._read is None or self._read[0] != kept:
            document = json.loads(kept)
            await self._unlock(document)
            # An RSA key is checked as it is read, which takes long.
            self._read = await asyncio.to_thread(self._opened, kept, document)
        _, pairs, seed = self._read
        now = self._now()
        signers: dict[str, Signer] = {}
        for one, signer in sorted(pairs.values(), key=lambda pair: pair[0].signs):
            if one.signs <= now or one.algorithm not in signers:
                signers[one.algorithm] = signer
        return Ring(signers, KeySet([signer for _, signer in pairs.values()]), seed)

    def _opened(
        self, kept: bytes, document: Mapping[str, Json]
    ) -> tuple[bytes, Mapping[str, tuple[Kept, Signer]], bytes]:
        keys = [Kept(**one) for one in document["keys"]]
        return kept, {one.kid: (one, self._signer(one)) for one in keys}, self._unsealed(document["seed"], "seed")

    def _signer(self, kept: Kept) -> Signer:
        members = json.loads(self._unsealed(kept.sealed, kept.kid))
        about = {"kid": kept.kid, "alg": kept.algorithm, "use": "sig"}
        make = RSAKey if kept.algorithm == "RS256" else ECKey
        signer = make.import_key(members | about)
        _ = signer.private_key  # read here, rather than by the first who signs
        return signer


def hashed(token: str) -> str:
    """The left half of the hash of a token, as an ID token names it (OpenID Connect, 3.1.3.6)."""
    return encode(hashlib.sha256(token.encode()).digest()[:16])
