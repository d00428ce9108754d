"""A document, and somebody whom an issuer of the run's own vouches for and who may read it."""

from dataclasses import dataclass
from typing import Any

from conformance.case import Failed
from conformance.exchange import Answer, Pairs
from conformance.expect import refused, require
from conformance.issuer import Issuer
from conformance.people import Person
from conformance.proofs import ProofKey
from conformance.world import World

MARK = "https://voc.example/secret"
CONTENT = f"<#it> <{MARK}> 1 ."


@dataclass(slots=True)
class Setting:
    """The document, its reader, and the issuer of their token."""

    w: World
    url: str
    issuer: Issuer
    reader: Person

    @property
    def key(self) -> ProofKey:
        """The reader's key."""
        return self.reader.key

    @property
    def webid(self) -> str:
        """The reader."""
        return self.reader.webid

    def token(self, **changes: Any) -> str:
        """Another token for the reader, with claims that differ."""
        return self.issuer.token(self.webid, self.key, **changes)

    async def ask(self, token: str, proof: str | None = None, *, scheme: str = "DPoP") -> Answer:
        """GET with a token, and with a right proof of the reader's key unless another is given."""
        proof = self.key.proof("GET", self.url, token) if proof is None else proof
        return await self.send([("authorization", f"{scheme} {token}"), ("dpop", proof)])

    async def send(self, headers: Pairs, method: str = "GET", url: str = "", content: str = "") -> Answer:
        """A request with just these headers."""
        return await self.w.anyone.request(method, url or self.url, headers, content)

    async def prove(self, header: dict[str, Any] | None = None, **changes: Any) -> Answer:
        """GET with a good token and a proof that differs: members of its header, and claims; None leaves out."""
        token = self.token()
        claims = self.key.claims("GET", self.url, token) | changes
        head = {"typ": "dpop+jwt", "jwk": self.key.public} | (header or {})
        proof = self.key.sign(
            {name: value for name, value in head.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
        )
        return await self.ask(token, proof)

    async def share(self, *others: Person) -> None:
        """Let others read it besides."""
        await self.w.share(self.url, (self.reader, "read"), *((one, "read") for one in others))


async def known(w: World, algorithm: str = "ES256") -> Setting:
    """A document and its reader, who was let in by a right token; CannotTell when that does not work."""
    issuer = Issuer(w.served, algorithm)
    setting = Setting(w, await w.document(content=CONTENT), issuer, issuer.person(w.client))
    await setting.share()
    w.prepared(await setting.reader.get(setting.url), "let in somebody by a token of an issuer that the run serves")
    return setting


def kept_out(answer: Answer) -> None:
    """Failed unless a request was refused, and nothing of the document told."""
    refused(answer)
    require(MARK not in answer.text, "a refusal tells nothing of the document")


def let_in(answer: Answer) -> None:
    """Failed unless the document was given."""
    if answer.status != 200 or MARK not in answer.text:
        raise Failed(f"{answer.method} {answer.url} with right credentials should give the document: {answer.status}.")
