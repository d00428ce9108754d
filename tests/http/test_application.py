"""The life of a worker as an ASGI server drives it, and what commands do beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pod import app, events
from pod.app import Application
from pod.config import Server, Settings, Storage
from pod.errors import Misconfigured
from pod.idp.provision import Request
from pod.model.change import Change, Write
from pod.model.resource import Kind, Uri
from pod.parts import Parts, opened
from tests.asgi import Answer, Message, exchange
from tests.world import BASE, TURTLE


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The application writes its events to standard error; tests that follow read them otherwise."""
    log = events._log
    before = (log.handlers, log.level, log.propagate)
    yield
    log.handlers, log.level, log.propagate = before


def settings_for(directory: Path, base_url: str = BASE) -> Settings:
    return Settings(server=Server(base_url=base_url), storage=Storage(data=str(directory)))


class Life:
    """The lifespan of an application, with what it said."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.told: asyncio.Queue[Message] = asyncio.Queue()


@asynccontextmanager
async def living(application: Application) -> AsyncIterator[Message]:
    """The application between its start and its end; what it said at its start."""
    life = Life()
    await life.told.put({"type": "lifespan.startup"})
    running = asyncio.create_task(application({"type": "lifespan"}, life.told.get, life.said.put))
    yield await life.said.get()
    await life.told.put({"type": "lifespan.shutdown"})
    await running


async def get(application: Application, path: str) -> Answer:
    return await exchange(application, "GET", f"{BASE[:-1]}{path}", [("accept", TURTLE)])


async def test_a_worker_starts_answers_and_ends(tmp_path: Path) -> None:
    application = Application(settings_for(tmp_path), demo=True)

    async with living(application) as started:
        answer = await get(application, "/demo/playground/")

    assert started == {"type": "lifespan.startup.complete"}
    assert answer.status == 200


async def test_what_was_made_is_there_at_the_next_start(tmp_path: Path) -> None:
    await app.prepare(settings_for(tmp_path), demo=True)
    await app.prepare(settings_for(tmp_path), demo=False)
    application = Application(settings_for(tmp_path), demo=True)

    async with living(application):
        assert (await get(application, "/demo/profile/card")).status == 200


async def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    await app.prepare(settings_for(tmp_path), demo=False)
    application = Application(settings_for(tmp_path, "https://other.example/"))

    async with living(application) as started:
        pass

    assert started["type"] == "lifespan.startup.failed"
    assert BASE in started["message"]


async def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")

    with pytest.raises(Misconfigured, match="file"):
        await app.prepare(settings_for(tmp_path / "file"), demo=False)


async def test_a_request_that_is_cancelled_at_the_end_of_the_server_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    application = Application(settings_for(tmp_path), demo=True)
    waits = asyncio.Event()

    async def content() -> Message:
        waits.set()
        await asyncio.Event().wait()
        return {}

    async with living(application):
        path = "/demo/playground/x"
        scope = {"type": "http", "method": "PUT", "path": path, "raw_path": path.encode()}
        headers = [(b"content-type", b"text/plain"), (b"transfer-encoding", b"chunked")]
        request = asyncio.create_task(application({**scope, "headers": headers}, content, asyncio.Queue().put))
        await waits.wait()
        request.cancel()
        await request

    assert "abandoned" in capsys.readouterr().err


async def test_a_command_makes_a_pod_beside_the_server(tmp_path: Path) -> None:
    application = Application(settings_for(tmp_path))

    async with living(application):
        assert (await get(application, "/ann/profile/card")).status == 401
        created = await app.create_pod(Settings(storage=Storage(data=str(tmp_path))), Request("ann", "ann@x.example"))
        assert (await get(application, "/ann/profile/card")).status == 200

    assert created.storage == f"{BASE}ann/"


async def test_a_command_names_the_base_url_that_does_not_fit(tmp_path: Path) -> None:
    await app.prepare(settings_for(tmp_path), demo=False)

    with pytest.raises(Misconfigured, match=BASE):
        await app.create_pod(settings_for(tmp_path, "https://other.example/"), Request("ann", "ann@x.example"))


async def test_commands_need_storage_that_is_kept() -> None:
    memory = Settings(storage=Storage(kind="memory"))

    with pytest.raises(Misconfigured):
        await app.create_pod(memory, Request("ann", "ann@x.example"))
    with pytest.raises(Misconfigured):
        await app.check(memory, repair=False)


async def test_there_is_nothing_to_check_where_no_server_ran(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="kept"):
        await app.check(settings_for(tmp_path / "none"), repair=False)


async def overwrite(parts: Parts, path: str, content: bytes) -> None:
    """Put content where no request could."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    staged = await parts.stores.blobs.save(chunks())
    await parts.stores.store.commit(Change((), (Write(Uri(BASE + path), Kind.POLICY, TURTLE, staged, None),)))


async def test_a_check_finds_policies_that_cannot_be_read_and_roots_that_nobody_controls(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    for name in ("ann", "ben", "cat"):
        await app.create_pod(settings, Request(name, f"{name}@x.example"))
    assert await app.check(settings, repair=False) == []

    async with opened(settings) as parts:
        await overwrite(parts, "ann/.acl", b"<> a")
        await overwrite(parts, "ben/.acl", b"")
        await overwrite(parts, "cat/inbox/.acl", b"")

    found = [damage.what for damage in await app.check(settings, repair=False)]
    assert len(found) == 2
    assert "ann/.acl cannot be read" in found[0]
    assert "ben/.acl gives nobody control" in found[1]
