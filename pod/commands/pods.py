"""`rhizome pod …`."""

import argparse
import asyncio
import dataclasses

from pod import app
from pod.commands import common
from pod.commands.common import Commands
from pod.config import Settings
from pod.idp.provision import Request


def add(commands: Commands) -> None:
    """Add the commands."""
    pod = commands.below("pod", "make pods")
    create = pod.add(
        "create", "make a pod with a WebID", "Make a pod with a WebID, whether the server runs or not.", _create
    )
    create.add_argument("name", metavar="NAME", help="its place below the base URL: lower-case letters, digits")
    create.add_argument("--email", required=True, help="the address of its owner's account")
    common.add_password(create)
    create.add_argument("--webid", metavar="URL", help="make this the owner, instead of a WebID in the pod")
    create.add_argument("--issuer", metavar="URL", help="the identity provider that the WebID names (this server)")
    common.add_json(create)


def _create(options: argparse.Namespace, settings: Settings) -> int:
    request = Request(options.name, options.email, common.password(options), options.webid, options.issuer)
    created = asyncio.run(app.create_pod(settings, request))
    return common.tell(options, dataclasses.asdict(created))
