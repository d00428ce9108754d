"""A proxy that speaks TLS before a server that does not."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

PIECE = 65536
GOODBYE = 1.0
"""Seconds that a client may take to close its side, after which the connection ends anyway."""


@contextlib.asynccontextmanager
async def terminating_tls(context: ssl.SSLContext, host: str, port: int, behind: int) -> AsyncIterator[None]:
    """Take connections at `port` while the block runs, and pass on what comes to `behind`, as it comes."""
    relays: set[asyncio.Task[None]] = set()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _joined(reader, writer, *await asyncio.open_connection(host, behind))
        except OSError:
            # Whoever is behind is not there; the client sees that the connection ends.
            return
        finally:
            writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(relay(reader, writer))
        relays.add(task)
        task.add_done_callback(relays.discard)

    server = await asyncio.start_server(connected, host, port, ssl=context, ssl_shutdown_timeout=GOODBYE)
    try:
        yield
    finally:
        server.close()
        ending = list(relays)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


async def _joined(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    reader_behind: asyncio.StreamReader,
    writer_behind: asyncio.StreamWriter,
) -> None:
    """Pass bytes both ways until either side ends; then end both."""
    ways = [asyncio.create_task(_passed(reader, writer_behind)), asyncio.create_task(_passed(reader_behind, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        writer.close()
        writer_behind.close()
        # A client that went away without a word is no failure of the run.
        ended = (*ways, writer.wait_closed(), writer_behind.wait_closed())
        await asyncio.gather(*ended, return_exceptions=True)


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
