"""What cases say about who can do what: each raises Failed when it is not so."""

from conformance.exchange import TURTLE, Answer, parsed
from conformance.expect import same, status
from conformance.people import Anyone
from conformance.world import NOTE, World


def denied(answer: Answer) -> None:
    """Failed unless the access is denied: 401 and 403 say so, and 404 hides it (RFC 9110, 15.5.4)."""
    status(answer, 401, 403, 404)


async def readable(url: str, *people: Anyone) -> None:
    """Failed unless all of them can read it."""
    for one in people:
        status(await one.get(url), 200)


async def hidden(url: str, *people: Anyone) -> None:
    """Failed unless none of them can read it."""
    for one in people:
        denied(await one.get(url))


async def unchanged(w: World, url: str) -> None:
    """Failed unless a document is as Alice made it."""
    answer = await w.alice.get(url, TURTLE)
    status(answer, 200)
    same(answer.graph(url), parsed(NOTE, "turtle", url, "the document"))


async def there(w: World, url: str) -> None:
    """Failed unless Alice finds something there."""
    status(await w.alice.get(url), 200)


async def absent(w: World, url: str) -> None:
    """Failed unless Alice finds nothing there."""
    status(await w.alice.get(url), 404, 410)
