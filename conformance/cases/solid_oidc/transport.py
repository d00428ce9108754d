"""TLS (BCP 195)."""

import asyncio
import ssl
from urllib.parse import urlsplit

from conformance.case import CannotTell, case
from conformance.expect import require
from conformance.world import World


async def _connects(w: World, context: ssl.SSLContext) -> bool:
    parts = urlsplit(w.target.url)
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context), w.client.timeout
        )
    except (ssl.SSLError, ConnectionError):
        return False
    writer.close()
    return True


def _old() -> ssl.SSLContext:
    """A client that knows TLS 1.1 at most."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ssl.SSLError, ValueError):
        raise CannotTell("This machine cannot speak TLS 1.1, not even to try.") from None
    return context


@case("security-tls-bcp195", needs=("https",))
async def an_old_version_of_tls_is_not_spoken(w: World) -> None:
    """RFC 9325, 3.1.1: TLS 1.0 and 1.1 must not be negotiated."""
    require(await _connects(w, w.client.tls), "TLS of today is spoken")
    require(not await _connects(w, _old()), "TLS 1.1 and what is older is not spoken")
