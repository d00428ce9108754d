"""Who is at the other end of a request: the client, or the proxy that passed it on."""

import ipaddress
from collections.abc import Sequence

from pod.http.request import Message

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
HEADER = b"x-forwarded-for"


def address(scope: Message, trusted: Networks) -> str:
    """The address of the client; empty when it is not known.

    X-Forwarded-For is believed only as far as trusted proxies wrote it: each adds whom it
    talks to at the end, and what stands before may be anything that a client made up.
    """
    peer = str((scope.get("client") or ("",))[0])
    named = b",".join(value for name, value in scope["headers"] if name == HEADER).decode("latin-1").split(",")
    while _is_trusted(peer, trusted) and named:
        before = _plain(named.pop())
        if before is None:
            break
        peer = before
    return peer


def peer_name(peer: str) -> str:
    """What a client is counted under: its address, or of IPv6 the network that one customer has."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _is_trusted(peer: str, trusted: Networks) -> bool:
    try:
        found = ipaddress.ip_address(peer)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in trusted)


def _plain(named: str) -> str | None:
    """The address without a port; None when it is none."""
    text = named.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
