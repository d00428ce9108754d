"""How it is found out where changes are told (Notifications Protocol, 3)."""

import rdflib

from conformance.case import case
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import links, require, status
from conformance.target import NOTIFY, STORAGE_DESCRIPTION
from conformance.world import World

SUBSCRIPTION, CHANNEL_TYPE = rdflib.URIRef(f"{NOTIFY}subscription"), rdflib.URIRef(f"{NOTIFY}channelType")


@case("resource-server-link-storage-description-resource", needs=("notifications",))
async def each_resource_leads_to_the_description_of_its_storage(w: World) -> None:
    for url in (w.target.storage, w.place, await w.document()):
        for method in ("GET", "HEAD"):
            links(await w.alice.send(method, url), STORAGE_DESCRIPTION, w.target.description)


@case("resource-server-link-storage-description-resource", level="SHOULD", needs=("notifications",))
async def options_lead_to_the_description_as_well(w: World) -> None:
    """The sentence says "responses for resources in it", and clients ask without knowing whether they may read."""
    links(await w.alice.options(w.place), STORAGE_DESCRIPTION, w.target.description)


@case("resource-server-link-resource-description-resource", needs=("notifications",))
async def a_resource_leads_to_a_description_of_itself(w: World) -> None:
    """The link is for services of one resource; there is a description to read there, or none yet."""
    url = await w.document()
    described = links(await w.alice.get(url), "describedby")
    answer = await w.alice.get(described, JSON_LD)
    status(answer, 200, 404)


@case("resource-server-description-resource-accept", needs=("notifications",))
async def the_description_comes_in_json_ld_when_that_is_preferred(w: World) -> None:
    answer = await w.alice.get(w.target.description, f"{JSON_LD}, {TURTLE};q=0.5")
    status(answer, 200)
    require(answer.media_type == JSON_LD, f"the description comes in {JSON_LD}, not {answer.media_type!r}")
    require(list(answer.graph().objects(None, SUBSCRIPTION)), "it names the subscription services in JSON-LD as well")


@case("resource-server-description-resource-response", "notify-resource-id", needs=("notifications",))
async def the_description_is_of_one_resource(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    subjects = set(graph.subjects(SUBSCRIPTION, None))
    require(len(subjects) == 1, "all subscription services are named for one resource")
    require(isinstance(subjects.pop(), rdflib.URIRef), "what they are named for has an id")


@case("notify-subscription", "notify-subscription-id", needs=("notifications",))
async def each_service_has_an_id(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    services = list(graph.objects(None, SUBSCRIPTION))
    require(services, "the description names subscription services")
    for one in services:
        require(isinstance(one, rdflib.URIRef), "a subscription service is named by its URI")


@case("notify-channelType", needs=("notifications",))
async def each_service_has_one_type_of_channel(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    for one in set(graph.objects(None, SUBSCRIPTION)):
        found = list(graph.objects(one, CHANNEL_TYPE))
        require(len(found) == 1, f"{one} has exactly one channelType, not {len(found)}")
        require(isinstance(found[0], rdflib.URIRef), "a type of channel is an IRI")


@case("notify-feature", needs=("notifications",))
async def features_are_named_by_iris(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    for one in graph.objects(None, rdflib.URIRef(f"{NOTIFY}feature")):
        require(isinstance(one, rdflib.URIRef), f"the feature {one} is an IRI")


@case("ws-type-iri", "ldnch-type-iri", "ldnch-channelType", needs=("notifications",))
async def types_of_channels_have_the_plural_namespace(w: World) -> None:
    """The drafts spell the namespace in two ways; `http://www.w3.org/ns/solid/notifications#` is the right one."""
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    for one in graph.objects(None, CHANNEL_TYPE):
        if str(one).rpartition("#")[2].endswith("Channel2023"):
            require(str(one).startswith(NOTIFY), f"{one} is in the namespace {NOTIFY}")


@case("ldnch-discovery", needs=("channel:LDNChannel2023",))
async def channels_to_inboxes_are_had_by_subscription_alone(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    ready = graph.objects(None, rdflib.URIRef(f"{NOTIFY}channel"))
    for one in ready:
        kinds = {str(kind) for kind in graph.objects(one, rdflib.RDF.type)}
        require(f"{NOTIFY}LDNChannel2023" not in kinds, "no channel to an inbox is there without a subscription")


@case("notify-channel", "resource-server-description-resource-response", needs=("notifications",))
async def channels_that_are_ready_say_where_they_are_received(w: World) -> None:
    graph = (await w.alice.get(w.target.description, TURTLE)).graph()
    for one in graph.objects(None, rdflib.URIRef(f"{NOTIFY}channel")):
        require(list(graph.objects(one, rdflib.RDF.type)), f"{one} has a type")
        require(list(graph.objects(one, rdflib.URIRef(f"{NOTIFY}receiveFrom"))), f"{one} has a receiveFrom")
