"""The command `rhizome`."""

import argparse
import asyncio
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pod import __version__, app, serving
from pod.config import Settings, load
from pod.errors import Misconfigured, PodError
from pod.pods import Request


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 refused or damage found, 2 wrong usage or settings, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except Misconfigured as error:
        for mistake in error.mistakes:
            print(f"rhizome: {mistake}", file=sys.stderr)
        return 2
    except PodError as error:
        print(f"rhizome: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("for every command")
    group.add_argument("--data", metavar="DIR", help="the directory that holds everything (pod-data)")
    group.add_argument("--base-url", metavar="URL", help="the public URL (http://localhost:PORT/)")
    group.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with settings")
    parser = argparse.ArgumentParser(
        prog="rhizome", description="A personal data pod: a fast, standards-first Solid server."
    )
    parser.add_argument("--version", action="version", version=f"rhizome {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_serve(commands, common)
    _add_pod(commands, common)
    _add_check(commands, common)
    return parser


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives this type no public name


def _add_serve(commands: "_Commands[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    serve = commands.add_parser(
        "serve",
        parents=[common],
        help="serve pods over HTTP",
        description="Serve pods over HTTP until interrupted; SIGTERM finishes the requests in flight.",
    )
    serve.add_argument("--host", help="the address to listen on (localhost)")
    serve.add_argument("--port", help="the port to listen on (3000)")
    serve.add_argument("--workers", metavar="N", help="how many processes serve requests (1)")
    serve.add_argument(
        "--demo",
        action="store_true",
        help="make a pod named demo, with a playground where everyone may read and write",
    )
    serve.set_defaults(run=_serve)


def _add_pod(commands: "_Commands[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    pod = commands.add_parser("pod", help="make pods", description="Make pods.")
    actions = pod.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = actions.add_parser(
        "create",
        parents=[common],
        help="make a pod with a WebID",
        description="Make a pod with a WebID, whether the server runs or not.",
    )
    create.add_argument("name", metavar="NAME", help="its place below the base URL: lower-case letters, digits")
    create.add_argument("--email", required=True, help="the address of its owner's account")
    create.add_argument("--password-stdin", action="store_true", help="read the account's password from standard input")
    create.add_argument("--webid", metavar="URL", help="make this the owner, instead of a WebID in the pod")
    create.add_argument("--issuer", metavar="URL", help="the identity provider that the WebID names (this server)")
    create.add_argument("--json", action="store_true", help="print the result as JSON")
    create.set_defaults(run=_pod_create)


def _add_check(commands: "_Commands[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    check = commands.add_parser(
        "check",
        parents=[common],
        help="verify everything that is stored",
        description="Verify every row, blob, container and policy; the exit code is 1 if anything is damaged.",
    )
    check.add_argument("--repair", action="store_true", help="mend what can be derived from the rest")
    check.add_argument("--json", action="store_true", help="print the result as JSON")
    check.set_defaults(run=_check)


def _settings(options: argparse.Namespace) -> Settings:
    given = {
        ("server", "host"): getattr(options, "host", None),
        ("server", "port"): getattr(options, "port", None),
        ("server", "workers"): getattr(options, "workers", None),
        ("server", "base_url"): options.base_url,
        ("storage", "data"): options.data,
    }
    return load(options.config, os.environ, given)


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


def _pod_create(options: argparse.Namespace, settings: Settings) -> int:
    password = sys.stdin.readline().rstrip("\r\n") if options.password_stdin else None
    if password == "":
        raise Misconfigured(("--password-stdin: there is no password on standard input.",))
    request = Request(options.name, options.email, password, options.webid, options.issuer)
    created = asyncio.run(app.create_pod(settings, request, time.time_ns() // 1000))
    facts = dataclasses.asdict(created)
    if options.json:
        print(json.dumps(facts))
    else:
        for name, value in facts.items():
            print(f"{name:8} {value}")
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    found = asyncio.run(app.check(settings, repair=options.repair))
    if options.json:
        print(json.dumps([dataclasses.asdict(one) for one in found]))
    else:
        for one in found:
            print(f"{'repaired' if one.repaired else 'damaged'}: {one.what}")
        print(f"{len(found)} found." if found else "Everything is as it should be.")
    return 1 if any(not one.repaired for one in found) else 0
