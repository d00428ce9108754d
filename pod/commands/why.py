"""`rhizome why`."""

import argparse
import dataclasses
import json
from collections.abc import Sequence

from pod.access.reasons import Reason
from pod.commands import common
from pod.commands.common import Commands
from pod.config import Settings
from pod.errors import Misconfigured
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.parts import Parts
from pod.rules import names


def add(commands: Commands) -> None:
    """Add the command."""
    why = commands.add(
        "why",
        "explain who may do what",
        "Say whether an agent may do something, and by which rule; with --mode the exit code is 1 if it may not.",
        _why,
    )
    why.add_argument("uri", metavar="URI", help="the resource, whether or not it is there")
    why.add_argument("--agent", metavar="WEBID", help="who asks; nobody known if this is left out")
    why.add_argument("--client", metavar="ID", help="the app by which they ask")
    why.add_argument("--issuer", metavar="URL", help="the identity provider that vouches for them (this server)")
    why.add_argument("--mode", choices=list(Mode), help="only this one")
    common.add_json(why)


def _why(options: argparse.Namespace, settings: Settings) -> int:
    found = common.with_parts(settings, lambda parts: _reasons(parts, options))
    if options.json:
        print(json.dumps([dataclasses.asdict(one) for one in found]))
    else:
        for one in found:
            print(one.sentence)
    return 0 if options.mode is None or found[0].allowed else 1


async def _reasons(parts: Parts, options: argparse.Namespace) -> Sequence[Reason]:
    base_url = parts.settings.base_url
    try:
        uri = Uri(names.canonical(options.uri))
    except ValueError:
        uri = Uri("")
    if not uri.startswith(base_url):
        raise Misconfigured((f"URI: {options.uri} is not one of this server, such as {base_url}alice/.",))
    issuer = options.issuer or (base_url if options.agent else None)
    agent = Agent(options.agent, options.client, issuer)
    view = await parts.stores.store.view(uri)
    modes = list(Mode) if options.mode is None else [Mode(options.mode)]
    return await parts.resources.permissions.reasons(view, agent, modes)
