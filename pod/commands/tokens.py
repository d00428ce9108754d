"""`rhizome token …`."""

import argparse

from pod.commands import common
from pod.commands.accounts import Facts, date, found
from pod.commands.common import Commands
from pod.config import Settings
from pod.errors import NotFound
from pod.parts import Parts


def add(commands: Commands) -> None:
    """Add the commands."""
    token = commands.below("token", "let scripts act for a WebID")
    create = token.add(
        "create",
        "make a token",
        "Make an id and a secret with which a script gets access tokens as the WebID. The secret is shown once.",
        _create,
    )
    create.add_argument("--webid", required=True, metavar="URL", help="for whom it acts; a WebID of an account here")
    create.add_argument("--name", required=True, help="by which you will know it")
    listed = token.add("list", "list tokens", "List the tokens of an account.", _list)
    listed.add_argument("account", metavar="ACCOUNT", help="its address, its id, or one of its WebIDs")
    revoke = token.add("revoke", "take a token back", "Make a token worth nothing, from the next request on.", _revoke)
    revoke.add_argument("client_id", metavar="CLIENT_ID", help="its id")
    for parser in (create, listed, revoke):
        common.add_json(parser)


def _create(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        account = await parts.accounts.by_webid(options.webid)
        if account is None:
            raise NotFound(f"{options.webid} is not a WebID of an account here.")
        client, secret = await parts.provider.credentials(account, options.webid, options.name)
        return {
            "client_id": client,
            "client_secret": secret,
            "issuer": parts.settings.base_url,
            "webid": options.webid,
        }

    return common.tell(options, common.with_parts(settings, work))


def _list(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> list[Facts]:
        account = await found(parts, options.account)
        return [
            {"client_id": one.id, "name": one.name, "webid": one.webid, "created": date(one.created)}
            for one in await parts.provider.credentials_of(account)
        ]

    return common.tell_all(options, common.with_parts(settings, work))


def _revoke(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        client = await parts.provider.clients.known(options.client_id)
        account = None if client is None or client.account is None else await parts.accounts.get(client.account)
        if account is None:
            raise NotFound(f"There is no token {options.client_id}.")
        await parts.provider.remove_credentials(account, options.client_id)
        return {"client_id": options.client_id, "revoked": True}

    return common.tell(options, common.with_parts(settings, work))
