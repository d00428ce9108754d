"""Live updates, as far as the Protocol itself asks for them (7.1); more of it in the area of notifications."""

from conformance.case import NotOffered, case
from conformance.cases.notifications._channels import PULLED, SENT, about, listening, subscribed, values
from conformance.exchange import TURTLE
from conformance.expect import require, succeeded
from conformance.world import World


@case("server-notifications-protocol-resource-server")
async def the_description_of_the_storage_names_subscription_services(w: World) -> None:
    """Discovery begins at the description of the storage."""
    require(w.target.description, "the root leads to the description of the storage")
    require(w.target.services, "the description of the storage names subscription services, with their channel types")


@case("server-notifications-protocol-subscription-server")
async def a_service_makes_a_channel(w: World) -> None:
    url = await w.document()
    channel = await subscribed(w, w.alice, _offered(w, *PULLED), url)
    for name in ("id", "type", "topic", "receiveFrom"):
        require(values(channel, name), f"the channel has {name}")


@case("server-notifications-protocol-notification-sender")
async def a_change_is_told(w: World) -> None:
    url = await w.document()
    async with listening(w, w.alice, _offered(w, *PULLED, *SENT), url) as ear:
        succeeded(await w.alice.put(url, TURTLE, "<#it> <https://voc.example/is> 2 ."))
        await ear.wait(about(url))


def _offered(w: World, *channels: str) -> str:
    """The first type of channel that the server offers and this run can listen to."""
    for one in channels:
        if f"channel:{one}" in w.target.offers and (one not in SENT or "reach" in w.target.offers):
            return one
    raise NotOffered("The server offers no channel of a type that this run can listen to.")
