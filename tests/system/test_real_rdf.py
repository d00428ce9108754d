"""RDF that nobody here wrote: published vocabularies go in, and come out in three syntaxes as the same graphs.

RHIZOME_VOCABULARIES=all takes every document, instead of some hundred.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.system import vocabularies
from tests.system.conftest import Serve
from tests.system.servers import LONG, ROOT
from tests.system.vocabularies import Document, parsed

pytestmark = [pytest.mark.system, pytest.mark.node]

READ = ("text/turtle", "application/ld+json", "application/n-triples")
SAMPLE = 400
LARGE = 300_000
"""Documents with more bytes than this are left out of the sample."""
AT_ONCE = 8


@pytest.fixture(scope="session")
def place(npm: str) -> Path:
    """Where the packages are kept from one run to the next."""
    return vocabularies.fetched(ROOT / "build" / "vocabularies", npm)


def chosen(place: Path) -> list[Document]:
    """Every document, or a sample: files as they were written, and every so many of the rest."""
    found = list(vocabularies.documents(place))
    if os.environ.get("RHIZOME_VOCABULARIES") == "all":
        return found
    small = [one for one in found if len(one.content) < LARGE]
    return small[:: max(1, len(small) // SAMPLE)]


async def test_published_vocabularies_come_back_as_the_same_graphs(
    serve: Serve, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = chosen(place)
    server = serve("--demo")
    begun = time.monotonic()
    faults: list[str] = []
    triples = 0

    async with httpx.AsyncClient(base_url=f"{server.url}demo/playground/", timeout=LONG, trust_env=False) as client:
        waiting = list(enumerate(documents))

        async def work() -> None:
            nonlocal triples
            while waiting:
                number, document = waiting.pop()
                size, wrong = await round_trip(client, f"{number // 500}/{number}", document)
                triples += size
                faults.extend(f"{document.name}, sent as {document.media_type}: {one}" for one in wrong)

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    sent = Counter(document.media_type for document in documents)
    with capsys.disabled():
        print(
            f"\n{len(documents)} documents with {triples} triples, sent as {dict(sent)}, each read as {len(READ)}"
            f" syntaxes, in {time.monotonic() - begun:.0f} s"
        )
    assert faults == []
    assert len(documents) >= SAMPLE
    assert set(sent) == set(vocabularies.TYPES)


async def round_trip(client: httpx.AsyncClient, path: str, document: Document) -> tuple[int, list[str]]:
    """How many triples it has, and what was wrong when it went in and came out."""
    url = f"{client.base_url}{path}"
    expected = parsed(document.content, document.media_type, url)
    wrong = []
    put = await client.put(path, content=document.content, headers={"content-type": document.media_type})
    if put.status_code != 201:
        return 0, [f"{put.status_code} {put.text}"]
    for media_type in READ:
        answer = await client.get(path, headers={"accept": media_type})
        if answer.headers["content-type"] != media_type:
            wrong.append(f"{answer.status_code} {answer.text[:200]}")
        elif media_type == document.media_type and answer.content != document.content:
            wrong.append(f"{media_type} is not what was sent")
        elif parsed(answer.content, media_type, url) != expected:
            wrong.append(f"{media_type} is another graph")
    return len(expected), wrong
