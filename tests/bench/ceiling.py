"""The ceiling: bare Starlette routes that do only what cannot be left out.

One sends bytes that are at hand, one verifies token and proof with `cryptography` and sends
them, one verifies and does a durable insert into SQLite, with group commit. It also plays the
issuer and the WebID of the benchmark. Its documents come from the file named by CEILING_FILE.
"""

import asyncio
import base64
import hashlib
import json
import os
import queue
import sqlite3
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FACTS = json.loads(Path(os.environ["CEILING_FILE"]).read_text("utf-8"))
DOCUMENTS = {path: (media_type, text.encode()) for path, (media_type, text) in FACTS["documents"].items()}
LARGE = bytes(100_000)
INSERT = "INSERT INTO document VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET content = excluded.content"


def decoded(segment: str) -> bytes:
    """The bytes of unpadded base64url."""
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class Verifier:
    """Checks token and proof: the token once, its key once, every proof."""

    def __init__(self, jwk: dict[str, str]) -> None:
        self._issuer_key = self._key(jwk)
        self._tokens: dict[str, str] = {}
        self._keys: dict[str, tuple[ec.EllipticCurvePublicKey, str]] = {}

    @staticmethod
    def _key(jwk: dict[str, str]) -> ec.EllipticCurvePublicKey:
        x, y = (int.from_bytes(decoded(jwk[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()

    def _verified(self, text: str, key: ec.EllipticCurvePublicKey) -> dict[str, str]:
        signed, _, signature = text.rpartition(".")
        raw = decoded(signature)
        pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))
        claims: dict[str, str] = json.loads(decoded(signed.partition(".")[2]))
        return claims

    def check(self, request: Request) -> None:
        """Raise unless the request is proved."""
        token = request.headers["authorization"][5:]
        if token not in self._tokens:
            self._tokens[token] = self._verified(token, self._issuer_key)["webid"]
        proof = request.headers["dpop"]
        header = proof.partition(".")[0]
        if header not in self._keys:
            jwk = json.loads(decoded(header))["jwk"]
            self._keys[header] = (self._key(jwk), jwk["x"])
        claims = self._verified(proof, self._keys[header][0])
        ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        fits = claims["htm"] == request.method and claims["htu"] == str(request.url) and claims["ath"] == ath
        if not fits or abs(float(claims["iat"]) - time.time()) > 3600:
            raise PermissionError


class Table:
    """Durable inserts: a thread takes whatever waits into one transaction."""

    def __init__(self, path: str) -> None:
        self._waiting: queue.SimpleQueue[tuple[str, bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        self._path = path
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, content BLOB)")
        while True:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, [(name, content) for name, content, _ in batch])
            connection.execute("COMMIT")
            batch[0][2].get_loop().call_soon_threadsafe(_finish, [future for *_, future in batch])

    async def insert(self, name: str, content: bytes) -> None:
        """Return once it is durable."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((name, content, future))
        await future


def _finish(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


VERIFIER = Verifier(FACTS["jwk"])
TABLE = Table(FACTS["database"])


async def document(request: Request) -> Response:
    """Bytes that are at hand."""
    media_type, content = DOCUMENTS[request.url.path]
    return Response(content, media_type=media_type)


async def large(_request: Request) -> Response:
    """100,000 bytes."""
    return Response(LARGE, media_type="application/octet-stream")


async def same(request: Request) -> Response:
    """304 for the right tag."""
    return Response(status_code=304 if request.headers.get("if-none-match") == '"same"' else 200)


async def verified(request: Request) -> Response:
    """Bytes that are at hand, for who proves to be somebody."""
    VERIFIER.check(request)
    return Response(DOCUMENTS["/small.ttl"][1], media_type="text/turtle")


async def insert(request: Request) -> Response:
    """One durable insert, for who proves to be somebody."""
    VERIFIER.check(request)
    await TABLE.insert(request.path_params["name"], await request.body())
    return Response(status_code=201)


app = Starlette(
    routes=[
        Route("/large", large),
        Route("/same", same),
        Route("/verified", verified),
        Route("/new/{name}", insert, methods=["PUT"]),
        *(Route(path, document) for path in DOCUMENTS),
    ]
)
