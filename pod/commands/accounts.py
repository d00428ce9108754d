"""`rhizome account …`."""

import argparse
import os
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pod.commands import common
from pod.commands.common import Commands
from pod.config import Settings
from pod.errors import Conflict, Misconfigured, NotFound
from pod.idp.accounts import Account, address
from pod.idp.passwords import Passwords, require_usable
from pod.parts import Parts

Facts = Mapping[str, object]


def add(commands: Commands) -> None:
    """Add the commands."""
    account = commands.below("account", "look after accounts")
    common.add_json(account.add("list", "list accounts", "List all accounts.", _list))
    show = account.add("show", "show an account", "Show an account: its WebIDs, pods, and what they take up.", _show)
    create = account.add(
        "create", "make an account", "Make an account without a pod; its address counts as verified.", _create
    )
    create.add_argument("email", metavar="EMAIL", help="its address")
    create.add_argument("--name", default="", help="what its person is called")
    common.add_password(create)
    common.add_json(create)
    invite = account.add(
        "invite", "make an invitation", "Make an invitation with which one account can be made.", _invite
    )
    invite.add_argument("--note", default="", metavar="TEXT", help="whom it is for, for your own lists")
    invite.add_argument("--days", type=days, default=14, metavar="N", help="how long it can be used (14)")
    common.add_json(invite)
    password = account.add(
        "set-password", "set a password", "Set the password of an account, and sign out everywhere.", _set_password
    )
    verify = account.add("verify", "vouch for an address", "Take the address of an account as verified.", _verify)
    delete = account.add(
        "delete", "delete an account", "Close an account and its pods; it can be had back for some days.", _delete
    )
    undelete = account.add(
        "undelete", "take a deletion back", "Open an account again that was deleted, as long as it is there.", _undelete
    )
    purge = account.add(
        "purge", "remove an account for good", "Remove an account and everything in its pods at once, for good.", _purge
    )
    export = account.add(
        "export", "copy all of an account", "Write everything of an account to a ZIP archive, without secrets.", _export
    )
    for parser in (show, password, verify, delete, undelete, purge, export):
        parser.add_argument("account", metavar="ACCOUNT", help="its address, its id, or one of its WebIDs")
    common.add_password(password)
    purge.add_argument("--yes", action="store_true", help="do it: nothing brings the data back")
    export.add_argument(
        "--to", metavar="FILE", required=True, help="a file that is not there yet; - for standard output"
    )
    for parser in (show, password, verify, delete, undelete, purge, export):
        common.add_json(parser)


def days(text: str) -> int:
    """How long an invitation can be used."""
    number = int(text)
    if not 1 <= number <= 365:
        raise ValueError(text)
    return number


async def found(parts: Parts, name: str) -> Account:
    """The account with this address, id or WebID; NotFound when there is none."""
    accounts = parts.accounts
    account = await accounts.by_email(name) or await accounts.get(name) or await accounts.by_webid(name)
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return account


def _list(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> list[Facts]:
        return [_brief(one) for one in sorted(await parts.accounts.all(), key=lambda one: one.email)]

    return common.tell_all(options, common.with_parts(settings, work))


def _show(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        account = await found(parts, options.account)
        pods = await parts.stores.store.pods_of(account.id)
        used = [await parts.stores.store.usage(pod.root) for pod in pods]
        return {
            **_brief(account),
            "name": account.name,
            "language": account.language,
            "password": account.password is not None,
            "passkeys": len(await parts.passkeys.all(account.id)),
            "sessions": len(await parts.sessions.all(account.id)),
            "tokens": len(await parts.provider.credentials_of(account)),
            "pods": [pod.root for pod in pods],
            "resources": sum(one.resources for one in used),
            "bytes": sum(one.bytes for one in used),
        }

    return common.tell(options, common.with_parts(settings, work))


def _create(options: argparse.Namespace, settings: Settings) -> int:
    given = common.password(options)

    async def work(parts: Parts) -> Facts:
        email = address(options.email)
        if given is not None:
            require_usable(given, email)
        kept = None if given is None else await Passwords().hash(given)
        now = time.time_ns() // 1000
        account = Account(str(uuid.uuid4()), email, verified=True, password=kept, created=now)
        await parts.accounts.add(account)
        return _brief(await parts.accounts.set_name(account.id, options.name) if options.name else account)

    return common.tell(options, common.with_parts(settings, work))


def _invite(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        code = await parts.invitations.make(options.note, options.days)
        url = parts.settings.account_url
        return {"invitation": code, "link": f"{url}.account/sign-up?invitation={code}", "days": options.days}

    return common.tell(options, common.with_parts(settings, work))


def _set_password(options: argparse.Namespace, settings: Settings) -> int:
    given = common.password(options)
    if given is None:
        raise Misconfigured(("set-password: add --password-stdin, and give the password on standard input.",))

    async def work(parts: Parts) -> Facts:
        account = await found(parts, options.account)
        return _brief(await parts.entrance.set_password(account, given, None))

    return common.tell(options, common.with_parts(settings, work))


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        account = await found(parts, options.account)
        return _brief(await parts.accounts.change(account.id, lambda one: replace(one, verified=True)))

    return common.tell(options, common.with_parts(settings, work))


def _delete(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        return _brief(await parts.deletion.delete((await found(parts, options.account)).id))

    return common.tell(options, common.with_parts(settings, work))


def _undelete(options: argparse.Namespace, settings: Settings) -> int:
    async def work(parts: Parts) -> Facts:
        return _brief(await parts.deletion.undelete((await found(parts, options.account)).id))

    return common.tell(options, common.with_parts(settings, work))


def _purge(options: argparse.Namespace, settings: Settings) -> int:
    if not options.yes:
        raise Misconfigured(("purge: nothing brings the data back; add --yes to do it.",))

    async def work(parts: Parts) -> Facts:
        return (await parts.deletion.purge((await found(parts, options.account)).id)).facts()

    return common.tell(options, common.with_parts(settings, work))


def _export(options: argparse.Namespace, settings: Settings) -> int:
    if options.to == "-":
        common.with_parts(settings, lambda parts: _written(parts, options.account, sys.stdout.buffer))
        return 0
    path = Path(options.to)
    size = common.with_parts(settings, lambda parts: _to_file(parts, options.account, path))
    return common.tell(options, {"file": str(path), "bytes": size})


async def _to_file(parts: Parts, name: str, path: Path) -> int:
    await found(parts, name)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Conflict(f"{path} cannot be made: {error.strerror}.") from error
    with os.fdopen(number, "wb") as file:
        return await _written(parts, name, file)


async def _written(parts: Parts, name: str, file: IO[bytes]) -> int:
    """How many bytes were written."""
    size = 0
    async for piece in parts.export.export(await found(parts, name)):
        size += file.write(piece)
    file.flush()
    return size


def _brief(account: Account) -> Facts:
    return {
        "email": account.email,
        "id": account.id,
        "verified": account.verified,
        "created": date(account.created),
        "deleting": None if account.deleting is None else date(account.deleting),
        "webids": list(account.webids),
    }


def date(microseconds: int) -> str:
    """The time in UTC, to the second."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
