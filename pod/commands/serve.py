"""`rhizome serve`."""

import argparse

from pod import app, serving
from pod.commands.common import Commands
from pod.config import Settings


def add(commands: Commands) -> None:
    """Add the command."""
    serve = commands.add(
        "serve",
        "serve pods over HTTP",
        "Serve pods over HTTP until interrupted; SIGTERM finishes the requests in flight.",
        _serve,
    )
    serve.add_argument("--host", help="the address to listen on (localhost)")
    serve.add_argument("--port", help="the port to listen on (3000)")
    serve.add_argument("--workers", metavar="N", help="how many processes serve requests (1)")
    serve.add_argument(
        "--demo",
        action="store_true",
        help="make a pod named demo, with a playground where everyone may read and write",
    )


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    return serving.serve(settings, demo=options.demo, ready=lambda: _greet(settings, demo=options.demo))


def _greet(settings: Settings, *, demo: bool) -> None:
    """Tell whoever started the server where it is, and what to try."""
    kept = "in memory, until it stops" if settings.storage.kind == "memory" else f"in {settings.storage.data}"
    print(f"Rhizome serves {settings.base_url} and keeps everything {kept}. Ctrl+C stops it.", flush=True)
    if demo:
        place = f"{settings.base_url}{app.DEMO.name}/playground/"
        print(f"Everyone may read and write in {place}:", flush=True)
        print(f"  curl -X PUT -H 'Content-Type: text/turtle' -d '<> a <#Note>.' {place}note.ttl", flush=True)
        print(f"  curl -H 'Accept: application/ld+json' {place}note.ttl", flush=True)
