"""Everything that an account has here, as one archive that is made while it is sent."""

import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO

from pod.consents import Consents
from pod.errors import Damaged
from pod.idp.accounts import Account
from pod.idp.notices import Notices
from pod.idp.passkeys import Passkeys
from pod.idp.provider import Provider
from pod.idp.sessions import Sessions
from pod.idp.zipping import IN_MEMORY, PIECE, Zip
from pod.model.resource import Kind, Pod, Resource
from pod.storage.ports import Blobs, Store

SEGMENT = 200
"""Bytes of a name beyond which some file systems could not keep it."""
PAGE = 100


class Export:
    """Makes archives of accounts.

    `manifest.json` tells what is in which file, `account.json` what is kept about the account. Documents,
    policies and descriptions are below `pods/`, at their path; what a container itself says, if it says
    something, is below `containers/`.
    """

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        sessions: Sessions,
        passkeys: Passkeys,
        *,
        provider: Provider,
        consents: Consents,
        notices: Notices,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._sessions = sessions
        self._passkeys = passkeys
        self._provider = provider
        self._consents = consents
        self._notices = notices

    async def export(self, account: Account) -> AsyncIterator[bytes]:
        """The pieces of a ZIP archive, also while the account's pods are closed.

        Each resource is as it is when its turn comes. One whose content is damaged is as far as
        it could be read, and the manifest says so.
        """
        now = datetime.fromtimestamp(self._now() / 1_000_000, UTC)
        with Zip() as archive, tempfile.SpooledTemporaryFile(IN_MEMORY) as manifest:
            for pod in await self._store.pods_of(account.id):
                async for piece in self._pod(pod, archive, manifest):
                    yield piece
            facts = json.dumps(await self._facts(account), indent=2).encode()
            async for piece in archive.member("account.json", now, _once(facts)):
                yield piece
            listed = _listed(self._provider.base_url, account, now, manifest)
            async for piece in archive.member("manifest.json", now, listed):
                yield piece
            for piece in archive.end():
                yield piece

    def _now(self) -> int:
        return self._provider.now()

    async def _pod(self, pod: Pod, archive: Zip, manifest: IO[bytes]) -> AsyncIterator[bytes]:
        after = ""
        while page := await self._store.within(pod.root, after, PAGE):
            after = page[-1].uri
            for one in page:
                async for piece in self._resource(pod, one, archive, manifest):
                    yield piece

    async def _resource(self, pod: Pod, one: Resource, archive: Zip, manifest: IO[bytes]) -> AsyncIterator[bytes]:
        file, when = _file(pod, one), datetime.fromtimestamp(one.modified / 1_000_000, UTC)
        facts: dict[str, object] = {
            "uri": one.uri,
            "kind": one.kind,
            "mediaType": one.media_type,
            "size": one.blob.size,
            "sha256": one.blob.digest,
            "created": _date(one.created),
            "modified": _date(one.modified),
            "file": file,
        }
        if one.kind is Kind.CONTAINER:
            yield archive.folder(_folder(pod, one), when)
        if file is not None:
            content = _Content(self._blobs.stream(one.blob))
            async for piece in archive.member(file, when, content.pieces()):
                yield piece
            if content.damaged:
                facts["damaged"] = True
        separator = b",\n" if manifest.tell() else b""
        manifest.write(separator + b"    " + json.dumps(facts).encode())

    async def _facts(self, account: Account) -> Mapping[str, object]:
        """What is kept about the account, without secrets."""
        hidden = {"password", "created", "deleting"}
        known = {name: value for name, value in asdict(account).items() if name not in hidden}
        return {
            **known,
            "created": _date(account.created),
            "deleting": None if account.deleting is None else _date(account.deleting),
            "password": account.password is not None,
            "pods": [{"name": pod.name, "uri": pod.root} for pod in await self._store.pods_of(account.id)],
            "apps": [one for webid in account.webids for one in await self._apps(webid)],
            "sessions": [
                {"device": one.label, "how": one.how, "started": _date(one.started), "seen": _date(one.seen)}
                for one in await self._sessions.all(account.id)
            ],
            "passkeys": [
                {"name": one.name, "created": _date(one.created)} for one in await self._passkeys.all(account.id)
            ],
            "tokens": [
                {"name": one.name, "webid": one.webid, "created": _date(one.created)}
                for one in await self._provider.credentials_of(account)
            ],
            "notices": [
                {"ended": _date(one.about.ended), "topic": one.about.topic, "host": one.about.host}
                for one in await self._notices.of(account.id)
            ],
        }

    async def _apps(self, webid: str) -> Sequence[Mapping[str, object]]:
        return [
            {
                "webid": webid,
                "client": consent.client,
                "given": _date(consent.given),
                "grants": [
                    {
                        "target": grant.target,
                        "modes": sorted(grant.modes),
                        "until": None if grant.until is None else _date(grant.until),
                    }
                    for grant in consent.grants
                ],
            }
            for consent in await self._consents.all(webid)
        ]


class _Content:
    """The content of a resource, as far as it can be read."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self.damaged = False

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except Damaged:
            self.damaged = True


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _listed(base_url: str, account: Account, now: datetime, resources: IO[bytes]) -> AsyncIterator[bytes]:
    """The manifest: a head, and the resources as they were noted."""
    head = {"server": base_url, "account": account.id, "made": now.isoformat().replace("+00:00", "Z")}
    yield json.dumps(head, indent=2).removesuffix("\n}").encode() + b',\n  "resources": [\n'
    resources.seek(0)
    while piece := resources.read(PIECE):
        yield piece
    yield b"\n  ]\n}\n"


def _file(pod: Pod, one: Resource) -> str | None:
    """Where the content is in the archive; None for a container that says nothing itself."""
    if one.kind is not Kind.CONTAINER:
        return f"pods/{_path(pod, one)}"
    return f"containers/{_path(pod, one)}_.ttl" if one.blob.size else None


def _folder(pod: Pod, one: Resource) -> str:
    return f"pods/{_path(pod, one)}"


def _path(pod: Pod, one: Resource) -> str:
    """The path as the URI has it, percent-encoded: so it can be kept anywhere, and never leads out of the archive."""
    path = f"{pod.name}/{one.uri.removeprefix(pod.root)}"
    return "/".join(_short(segment) for segment in path.split("/"))


def _short(segment: str) -> str:
    if len(segment) <= SEGMENT:
        return segment
    return f"{segment[:100]}~{hashlib.sha256(segment.encode()).hexdigest()}"


def _date(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
