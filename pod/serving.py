"""Runs the application: sockets, workers and signals, by uvicorn."""

import asyncio
import contextlib
import errno
import functools
import resource
import signal
import socket
from collections.abc import Callable

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from pod import app
from pod.config import Settings
from pod.errors import Misconfigured
from pod.http.connection import Connection
from pod.http.websocket import WebSocket

BACKLOG = 2048
LARGEST_FRAME = 16 * 1024
"""Bytes that a client may say at once by a WebSocket: the names of resources, and little else."""
PING = 45.0
"""Seconds after which a silent WebSocket is asked whether it still is there, and in which it must answer."""
KEEP_ALIVE = 30
"""How many seconds a connection may be idle between two requests."""


def serve(settings: Settings, *, demo: bool, ready: Callable[[], None]) -> int:
    """Serve until SIGINT or SIGTERM, then finish the requests in flight; the exit code.

    `ready` is called once the storage is made and the port is open. Raises Misconfigured
    when the server cannot start with these settings.
    """
    sockets = _sockets(settings.server.host, settings.server.port)
    # Each client that listens is an open file, and the usual limit would end at a thousand.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        if settings.storage.kind != "memory":
            asyncio.run(app.prepare(settings, demo=demo))
        config = uvicorn.Config(
            app.Application(settings, demo=demo),
            loop="uvloop",
            http=functools.partial(Connection, patience=settings.limits.idle),  # type: ignore[arg-type]  # makes one
            ws=WebSocket,
            # Compression would take more room for each socket than all else, and messages are short.
            ws_per_message_deflate=False,
            ws_max_size=LARGEST_FRAME,
            ws_ping_interval=PING,
            ws_ping_timeout=PING,
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=settings.server.shutdown_seconds,
        )
        return _run(config, sockets, settings.server.workers, ready)
    finally:
        for one in sockets:
            one.close()


def _run(config: uvicorn.Config, sockets: list[socket.socket], workers: int, ready: Callable[[], None]) -> int:
    if workers > 1:
        config.workers = workers
        supervisor = Multiprocess(config, sockets=sockets)
        ready()
        supervisor.run()
        return int(any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes))
    server = uvicorn.Server(config)
    # A signal may come before uvicorn listens to it; and uvicorn hands one that ended it on to
    # whoever listened before, which must not be the default, as an orderly end is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    ready()
    # When the application does not start, uvicorn says why and wants to exit with a code of its own.
    with contextlib.suppress(SystemExit):
        server.run(sockets=sockets)
    return 0 if server.started else 1


def _sockets(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of the host: localhost has two."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise Misconfigured((f"server.host: {host} is not known: {error.strerror}.",)) from error
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        one = socket.socket(family, kind, protocol)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(BACKLOG)
            one.set_inheritable(True)
            sockets.append(one)
        except OSError as error:
            one.close()
            failure = error
    in_use = failure is not None and failure.errno == errno.EADDRINUSE
    if not sockets or in_use:
        for one in sockets:
            one.close()
        what = failure.strerror if failure is not None else "it has no address"
        raise Misconfigured((f"server.port: cannot listen on {host} port {port}: {what}.",))
    return sockets
