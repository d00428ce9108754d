"""Sends requests, keeps what came, and waits where a server asks to be asked later."""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from conformance.case import CannotTell, Failed
from conformance.exchange import Answer, Pairs, Record, recording

ENOUGH = 100_000
"""How much of a content a report keeps."""
PATIENCE = 5
"""How often a request that came too soon is sent again."""
LONGEST = 30.0
"""Seconds that a server may ask to wait."""


class Client:
    """The connections of a run; open from `async with` to its end."""

    def __init__(self, *, ca: Path | None = None, timeout: float = 30.0, insecure: bool = False) -> None:
        """`ca` is a file with certificates that are trusted besides those of the system."""
        context = ssl.create_default_context()
        if ca is not None:
            context.load_verify_locations(ca)
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.tls = context
        """How the server's name is checked; for connections of other protocols."""
        self.timeout = timeout
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(
            verify=context,
            timeout=timeout,
            limits=limits,
            trust_env=False,
            follow_redirects=False,
            # Several people share the connections: nobody's cookies may go with what another asks.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
        # What a server is asked has exactly the headers that a case names.
        self._http.headers.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(
        self, method: str, url: str, headers: Pairs = (), content: bytes = b"", *, target: bytes | None = None
    ) -> Answer:
        """Send a request; its answer, kept in the record of the case.

        `target` is what the request line asks for, byte for byte, where the path of a URL would be changed on its way.
        A server that says 429 or 503 with Retry-After is asked again. Failed when the connection breaks.
        """
        for attempt in range(PATIENCE):
            answer = await self._once(method, url, headers, content, target)
            seconds = pause(answer)
            if seconds is None or attempt == PATIENCE - 1:
                break
            await asyncio.sleep(seconds)
        _keep(answer)
        return answer

    async def _once(self, method: str, url: str, headers: Pairs, content: bytes, target: bytes | None) -> Answer:
        extensions = {} if target is None else {"target": target}
        request = self._http.build_request(
            method, url, headers=list(headers), content=content or None, extensions=extensions
        )
        if not content and method in {"POST", "PUT", "PATCH"} and "content-length" not in request.headers:
            request.headers["content-length"] = "0"
        try:
            answer = await self._http.send(request)
        except httpx.RemoteProtocolError:
            # The server may close a connection that was idle just when it is used again.
            answer = await self._again(request)
        except httpx.HTTPError as error:
            raise Failed(f"{method} {url} should have been answered, but: {_reason(error)}.") from error
        return Answer(method, url, headers, content, answer.status_code, _pairs(answer), answer.content)

    async def _again(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request)
        except httpx.HTTPError as error:
            raise Failed(f"{request.method} {request.url} should have been answered: {_reason(error)}.") from error

    async def fetched(self, url: str, accept: str = "*/*") -> Answer:
        """A document that the run itself needs, over redirects; CannotTell when there is none."""
        here = url
        for _ in range(5):
            answer = await self.send("GET", here, [("accept", accept)])
            if answer.status in {301, 302, 303, 307, 308} and answer.header("location"):
                here = answer.location
                continue
            if answer.status == 200:
                return answer
            break
        raise CannotTell(f"{url} could not be read: {answer.status}.")


def redacted(headers: Pairs) -> Pairs:
    """Headers as a report may show them: nothing with which anyone could sign in."""
    secret = {"authorization", "dpop", "cookie", "set-cookie"}
    return [(name, _short(value) if name.lower() in secret else value) for name, value in headers]


_SECRET = re.compile(
    r"(\b(?:registration_)?(?:access_token|refresh_token|id_token|id_token_hint|subject_token|claim_token|client_secret"
    r'|password|code|code_verifier|assertion|client_assertion)"?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|[^"&#\s,})]+)'
)
_SIGNED = re.compile(r"\b(eyJ[\w-]+\.[\w-]+\.)[\w-]+")
"""A JWT. What it says may be of use; without its signature it is of none to anybody else."""


def hidden(text: str) -> str:
    """The text without the secrets that forms, URLs, JSON and JWTs carry."""
    return _SIGNED.sub(r"\1…", _SECRET.sub(_without, text))


def _without(found: re.Match[str]) -> str:
    return found[1] + ('"…"' if found[2].startswith('"') else "…")


def _short(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} …" if space and len(scheme) < 10 else "…"


def _keep(answer: Answer) -> None:
    recording.get(Record()).answers.append(answer)


def _pairs(answer: httpx.Response) -> Pairs:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw]


def pause(answer: Answer) -> float | None:
    """Seconds after which to ask again; None when the answer is to be taken as it is."""
    after = answer.header("retry-after").strip()
    if answer.status not in {429, 503} or not after:
        return None
    if after.isdigit():
        seconds = float(after)
    else:
        try:
            seconds = parsedate_to_datetime(after).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(seconds, 0.1), LONGEST)


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def named(headers: Mapping[str, str]) -> Pairs:
    """Headers from names of Python: `if_match` is If-Match."""
    return [(name.replace("_", "-"), value) for name, value in headers.items()]
