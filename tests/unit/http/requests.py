"""Requests to read, without a server."""

from collections.abc import Mapping

from pod.http.request import Request
from tests.asgi import Headers, Message


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def request(method: str = "GET", path: str = "/", headers: Headers | Mapping[str, str] = ()) -> Request:
    """A request with these headers."""
    found = list(headers.items()) if isinstance(headers, Mapping) else headers
    encoded = [(name.encode(), value if isinstance(value, bytes) else value.encode("latin-1")) for name, value in found]
    return Request({"method": method, "path": path, "headers": encoded}, _nothing)
