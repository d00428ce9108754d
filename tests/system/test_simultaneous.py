"""Many who write at once, to what depends on each other."""

import asyncio
import itertools
import re
import subprocess
import threading
from collections.abc import Callable

import aiohttp
import httpx
import pytest

from tests.system.conftest import Serve
from tests.system.servers import LONG, Server, rhizome
from tests.system.writing import PATCH, PLACE, Account, Writers, found

pytestmark = pytest.mark.system

WRITERS = 1000
BOX = f"{PLACE}box/"


async def test_a_thousand_writers_of_one_resource_lose_nothing(serve: Serve) -> None:
    server = serve("--demo")
    limit, patience = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=LONG)
    async with aiohttp.ClientSession(server.url, connector=limit, timeout=patience) as client:

        async def write(number: int) -> int:
            body = f"{PATCH} {{ <> <#has> {number} }}."
            async with client.patch(f"{PLACE}one", data=body, headers={"content-type": "text/n3"}) as answer:
                assert answer.status in {201, 204, 503}, await answer.text()
                assert answer.status != 503 or answer.headers["retry-after"] == "1"
                return answer.status

        statuses = await asyncio.gather(*(write(number) for number in range(WRITERS)))

    kept = server.get(f"{PLACE}one", accept="application/n-triples").text
    facts = {int(one) for one in re.findall(r'#has> "(\d+)"', kept)}
    assert facts == {number for number, status in enumerate(statuses) if status != 503}
    assert statuses.count(201) == 1


def at_once(*tasks: Callable[[], None]) -> None:
    """Run them in threads of their own, until all have ended."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_container_that_is_deleted_while_it_is_filled_leaves_no_orphans(serve: Serve) -> None:
    server = serve("--demo", "--workers", "2")
    statuses: list[tuple[str, int]] = []

    def ask(client: httpx.Client, method: str, path: str, content: bytes = b"") -> None:
        headers = {"content-type": "text/plain"} if content else {}
        answer = client.request(method, path, content=content, headers=headers)
        statuses.append((method, answer.status_code))

    def fill(name: str) -> None:
        with httpx.Client(base_url=server.url, timeout=LONG, trust_env=False) as client:
            for number in range(80):
                ask(client, "PUT", f"{BOX}{name}{number}", b"x")
                ask(client, "DELETE", f"{BOX}{name}{number}")

    def empty() -> None:
        with httpx.Client(base_url=server.url, timeout=LONG, trust_env=False) as client:
            for _ in range(200):
                ask(client, "DELETE", BOX)

    at_once(lambda: fill("a"), lambda: fill("b"), empty)

    checked = rhizome("check", "--data", server.data)
    assert checked.returncode == 0, checked.stdout
    assert {one for one in statuses if one[0] == "PUT"} <= {("PUT", 201), ("PUT", 503)}
    assert set(statuses) <= {
        *(("PUT", status) for status in (201, 503)),
        *(("DELETE", status) for status in (205, 404, 409, 503)),
    }
    assert ("DELETE", 205) in statuses
    listed = server.get(BOX, accept="application/n-triples").text
    for child in re.findall(r"ldp#contains> <([^>]*)>", listed):
        assert server.get(child.removeprefix(server.url)).status_code == 200


def test_a_check_finds_nothing_wrong_while_others_write(serve: Serve) -> None:
    server = serve("--demo")
    server.put(BOX, "")
    account = Account()
    checks: list[subprocess.CompletedProcess[str]] = []

    def check() -> None:
        checks.extend(rhizome("check", "--data", server.data) for _ in range(3))
        server.kill()

    def write() -> None:
        asyncio.run(Writers(server.url, account, itertools.count(1)).run(-1, lambda: None))

    at_once(check, write)

    assert [one.stdout for one in checks] == ["Everything is as it should be.\n"] * 3
    assert_kept(server, account)


def assert_kept(server: Server, account: Account) -> None:
    """What was acknowledged is there."""
    server.start()
    assert account.acknowledged > 0
    assert account.faults(*found(server.url, account)) == []
