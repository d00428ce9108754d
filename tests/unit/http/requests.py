"""Requests to read, without a server."""

from pod.http.request import Request
from tests.asgi import Headers, Message


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def request(method: str = "GET", path: str = "/", headers: Headers = (), **named: str) -> Request:
    """A request with these headers; `named` have underscores for dashes."""
    found = [*headers, *((name.replace("_", "-"), value) for name, value in named.items())]
    encoded = [(name.encode(), value if isinstance(value, bytes) else value.encode("latin-1")) for name, value in found]
    return Request({"method": method, "path": path, "headers": encoded}, _nothing)
