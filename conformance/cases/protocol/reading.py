"""GET and HEAD."""

from conformance.case import case
from conformance.exchange import TURTLE
from conformance.expect import require, status
from conformance.world import NOTE, World


@case("server-http")
async def what_was_put_can_be_read(w: World) -> None:
    """A document comes back with the media type it was stored with."""
    url = w.url("note.ttl")
    status(await w.alice.put(url, TURTLE, NOTE), 200, 201, 204, 205)
    answer = await w.alice.get(url)
    status(answer, 200)
    require(answer.media_type == TURTLE, f"a document that was stored as {TURTLE} comes back so")
