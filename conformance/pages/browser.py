"""A browser without scripts: it keeps cookies and follows redirects, until it is sent to an app."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.case import CannotTell
from conformance.client import Client
from conformance.exchange import Answer, Pairs, Record, recording

HOPS = 12
"""Redirects that are followed."""


class Left(Exception):
    """The browser is sent to the app: to `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie, and where it is sent."""

    name: str
    value: str
    host: str
    path: str


@dataclass
class Browser:
    """One browser. What it is answered comes as JSON, where a page can be had so."""

    client: Client
    redirect_uri: str = ""
    """Where the app gets its answers; nothing is asked of it."""
    cookies: dict[tuple[str, str, str], Cookie] = field(default_factory=dict)
    headers: Pairs = ()
    """Sent with each request."""

    async def get(self, url: str) -> Answer:
        """Open a page, wherever redirects lead. Left when that is the app."""
        return await self._follow(await self._send("GET", url))

    async def post(self, url: str, value: Mapping[str, Any]) -> Answer:
        """Send a form as JSON. Left when redirects lead to the app."""
        body = json.dumps(value).encode()
        return await self._follow(await self._send("POST", url, [("content-type", "application/json")], body))

    def leave(self, url: str) -> None:
        """Raise Left when the URL is the app's."""
        if self.redirect_uri and url.startswith(self.redirect_uri):
            raise Left(url)

    async def _follow(self, answer: Answer) -> Answer:
        for _ in range(HOPS):
            if answer.status not in {301, 302, 303, 307, 308}:
                return answer
            self.leave(answer.location)
            answer = await self._send("GET", answer.location)
        raise CannotTell(f"{answer.url} was one redirect too many.")

    async def _send(self, method: str, url: str, headers: Pairs = (), content: bytes = b"") -> Answer:
        host, path = urlsplit(url).netloc, urlsplit(url).path or "/"
        fitting = [one for one in self.cookies.values() if one.host == host and path.startswith(one.path)]
        sent = [("accept", "application/json"), *self.headers, *headers]
        if fitting:
            sent.append(("cookie", "; ".join(f"{one.name}={one.value}" for one in fitting)))
        answer = await self.client.send(method, url, sent, content)
        for value in answer.all("set-cookie"):
            self._keep(value, host)
        return answer

    def _keep(self, text: str, host: str) -> None:
        pair, *attributes = text.split(";")
        name, _, value = pair.strip().partition("=")
        named = dict(one.strip().lower().partition("=")[::2] for one in attributes if "=" in one)
        raw = next((one.strip()[5:] for one in attributes if one.strip().lower().startswith("path=")), "/")
        cookie = Cookie(name, value, host, raw)
        if value and named.get("max-age") != "0" and "1970" not in named.get("expires", ""):
            self.cookies[name, host, raw] = cookie
        else:
            self.cookies.pop((name, host, raw), None)


def told(answer: Answer, *members: str) -> Any:
    """A member of members of the JSON of an answer; CannotTell when it is not there."""
    found: Any = answer.json() if answer.media_type.endswith("json") else None
    for one in members:
        if not isinstance(found, dict) or one not in found:
            where = f"{answer.method} {answer.url}"
            raise CannotTell(
                f"{where} was answered with {answer.status}, without {'.'.join(members)}: {answer.text:.200}"
            )
        found = found[one]
    return found


def absolute(answer: Answer, url: str) -> str:
    """A URL that a page names."""
    return urljoin(answer.url, url)


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """What is sent in the block stands in no report: it has passwords."""
    before = recording.get(Record())
    recording.set(Record())
    try:
        yield
    finally:
        recording.set(before)
