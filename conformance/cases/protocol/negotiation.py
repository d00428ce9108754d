"""Turtle and JSON-LD, in both directions, for documents and containers (Protocol, 5.5)."""

import json

import rdflib

from conformance.case import Failed, case
from conformance.cases.protocol._terms import CONTAINS, VOC, n3, one, said
from conformance.exchange import JSON_LD, TURTLE, Answer
from conformance.expect import has, links, refused, require, same, status, succeeded
from conformance.world import World

CONTENT = """
<#it> a ex:Thing; ex:name "Anna", "Anne"@fr; ex:age 30; ex:size 1.50, 2.5e0; ex:true true;
  ex:made "2026-01-02T03:04:05Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>;
  ex:knows [ ex:name "Bert \\"B\\" \\u00fc\\n" ]; ex:list ( 1 "two" <#three> ); ex:none ();
  ex:elsewhere <https://elsewhere.example/a?b=c#d>.
"""
"""Each kind of term that both syntaxes have."""
LINKED = json.dumps(
    {
        "@context": {
            "ex": VOC,
            "knows": {"@id": "ex:knows", "@type": "@id"},
            "lang": {"@id": "ex:name", "@language": "fr"},
        },
        "@id": "#it",
        "@type": "ex:Thing",
        "ex:age": 30,
        "lang": "Anne",
        "knows": ["#other", {"ex:name": "nameless"}],
        "ex:list": {"@list": [1, 2]},
    }
)
LINKED_SAYS = """
<#it> a ex:Thing; ex:age 30; ex:name "Anne"@fr; ex:knows <#other>, [ ex:name "nameless" ]; ex:list ( 1 2 ).
"""


def _typed(answer: Answer, media_type: str) -> rdflib.Graph:
    status(answer, 200)
    require(answer.media_type == media_type, f"who accepts {media_type} gets it, not {answer.media_type or 'nothing'}")
    return answer.graph()


@case("server-representation-turtle-jsonld", "ldprs-get-jsonld")
async def what_was_put_as_turtle_can_be_read_as_json_ld(w: World) -> None:
    url = await w.document("thing", f"@prefix ex: <{VOC}>.{CONTENT}")
    same(_typed(await w.alice.get(url, JSON_LD), JSON_LD), said(CONTENT, url))


@case("server-representation-turtle-jsonld", "ldprs-get-turtle")
async def what_was_put_as_turtle_can_be_read_as_turtle(w: World) -> None:
    url = await w.document("thing", f"@prefix ex: <{VOC}>.{CONTENT}")
    same(_typed(await w.alice.get(url, TURTLE), TURTLE), said(CONTENT, url))


@case("server-representation-turtle-jsonld", "ldprs-get-turtle")
async def what_was_put_as_json_ld_can_be_read_as_turtle(w: World) -> None:
    url = await w.document("thing", LINKED, JSON_LD)
    same(_typed(await w.alice.get(url, TURTLE), TURTLE), said(LINKED_SAYS, url))


@case("server-representation-turtle-jsonld", "ldprs-get-jsonld")
async def what_was_put_as_json_ld_can_be_read_as_json_ld(w: World) -> None:
    url = await w.document("thing", LINKED, JSON_LD)
    same(_typed(await w.alice.get(url, JSON_LD), JSON_LD), said(LINKED_SAYS, url))


@case("server-representation-turtle-jsonld", "ldpc-post-turtle", "ldpc-post-rdfnullrel")
async def what_was_posted_as_turtle_can_be_read_as_both(w: World) -> None:
    """Relative IRIs are meant of the new resource, whose name the client does not know yet."""
    posted = await w.alice.post(w.place, TURTLE, f"@prefix ex: <{VOC}>. <> ex:about <#it>.{CONTENT}")
    status(posted, 201)
    for media_type in (TURTLE, JSON_LD):
        answer = await w.alice.get(posted.location, media_type)
        same(_typed(answer, media_type), said(f"<> ex:about <#it>.{CONTENT}", posted.location))


@case("server-representation-turtle-jsonld", "ldpc-post-jsonld", "ldpc-post-rdfnullrel")
async def what_was_posted_as_json_ld_can_be_read_as_both(w: World) -> None:
    posted = await w.alice.post(w.place, JSON_LD, LINKED)
    status(posted, 201)
    for media_type in (TURTLE, JSON_LD):
        same(_typed(await w.alice.get(posted.location, media_type), media_type), said(LINKED_SAYS, posted.location))


@case("server-representation-turtle-jsonld")
async def what_was_made_by_a_patch_can_be_read_as_both(w: World) -> None:
    url = w.url("patched")
    succeeded(await w.alice.patch(url, n3(inserts='<#it> ex:name "Anna"; ex:see <other>.')))
    for media_type in (TURTLE, JSON_LD):
        same(_typed(await w.alice.get(url, media_type), media_type), said('<#it> ex:name "Anna"; ex:see <other>.', url))


@case("server-representation-turtle-jsonld")
async def what_was_replaced_in_the_other_syntax_can_be_read_as_both(w: World) -> None:
    """A client that read Turtle may write JSON-LD, and the reverse."""
    url = await w.document("thing", f"@prefix ex: <{VOC}>.{CONTENT}")
    succeeded(await w.alice.put(url, JSON_LD, LINKED))
    for media_type in (TURTLE, JSON_LD):
        same(_typed(await w.alice.get(url, media_type), media_type), said(LINKED_SAYS, url))


@case("server-basic-container", "ldprs-get-turtle", "ldprs-get-jsonld")
async def a_container_can_be_read_as_both(w: World) -> None:
    """LDP, 4.3.2.1 and 4.3.2.3, which a basic container takes part in."""
    member = await w.document()
    for media_type in (TURTLE, JSON_LD):
        has(_typed(await w.alice.get(w.place, media_type), media_type), w.place, CONTAINS, member)


@case("server-http", level="SHOULD")
async def the_media_type_that_a_client_prefers_is_chosen(w: World) -> None:
    """RFC 9110, 12.5.1: by weights, not by order; a server may weigh as well, so that these are far apart."""
    for url in (await w.document(), await w.document("thing", LINKED, JSON_LD), w.place):
        for accept, expected in (
            (f"{TURTLE};q=0.1, {JSON_LD};q=0.9", JSON_LD),
            (f"{JSON_LD};q=0.1, {TURTLE};q=0.9", TURTLE),
            (f"application/*;q=0.1, {TURTLE}", TURTLE),
        ):
            await _chosen(w, url, accept, expected)


@case("server-http")
async def what_a_client_rules_out_is_not_sent(w: World) -> None:
    """RFC 9110, 12.4.2: a weight of 0 means "not acceptable"."""
    for url in (await w.document(), await w.document("thing", LINKED, JSON_LD), w.place):
        await _chosen(w, url, f"{TURTLE};q=0, {JSON_LD}", JSON_LD)
        await _chosen(w, url, f"{JSON_LD};q=0, {TURTLE}", TURTLE)


async def _chosen(w: World, url: str, accept: str, expected: str) -> None:
    answer = await w.alice.get(url, accept)
    status(answer, 200)
    require(answer.media_type == expected, f"Accept: {accept} is answered with {expected}, not {answer.media_type}")


@case("server-safe-methods")
async def head_is_negotiated_like_get(w: World) -> None:
    for url in (await w.document(), w.place):
        for media_type in (TURTLE, JSON_LD):
            answer = await w.alice.head(url, media_type)
            status(answer, 200)
            require(answer.media_type == media_type, f"HEAD that accepts {media_type} is answered as {media_type}")


@case("ldprs-get-conneg")
async def who_says_nothing_gets_turtle(w: World) -> None:
    """LDP, 4.3.2.2: a SHOULD, for what was stored as Turtle as for containers."""
    for url in (await w.document(), w.place):
        answer = await w.alice.get(url)
        status(answer, 200)
        require(answer.media_type == TURTLE, f"GET without Accept is answered in {TURTLE}")


@case("server-http")
async def what_nobody_has_is_not_acceptable(w: World) -> None:
    """RFC 9110, 12.5.1: with 406, or by what there is as if nothing had been asked; never by a wrong label."""
    url = await w.document()
    answer = await w.alice.get(url, "image/png")
    status(answer, 200, 406)
    require(answer.media_type != "image/png", "RDF is not called a picture because somebody would accept one")
    if answer.status == 200:
        require(len(answer.graph()) == 1, "who disregards Accept answers with what there is")


@case("ldpr-gen-defbaseuri", "server-http")
async def relative_iris_are_meant_of_the_document(w: World) -> None:
    """RFC 3986, 5.1.3, for both syntaxes; a base in the document itself comes first."""
    turtle = "<> ex:a <#b>, <c>, <../d>, </e>. "
    url = await w.document("folder/relative.ttl", f"@prefix ex: <{VOC}>. {turtle}")
    same(_typed(await w.alice.get(url, JSON_LD), JSON_LD), said(turtle, url))
    based = await w.document("folder/based.ttl", f"@base <https://base.example/x/>. @prefix ex: <{VOC}>. {turtle}")
    same(_typed(await w.alice.get(based, JSON_LD), JSON_LD), said(turtle, "https://base.example/x/"))
    links_to = {"@id": "", one("a"): [{"@id": "#b"}, {"@id": "c"}, {"@id": "../d"}, {"@id": "/e"}]}
    linked = await w.document("folder/relative.jsonld", json.dumps(links_to), JSON_LD)
    same(_typed(await w.alice.get(linked, TURTLE), TURTLE), said(turtle, linked))


@case("server-representation-turtle-jsonld")
async def named_graphs_are_not_lost(w: World) -> None:
    """JSON-LD that came with a named graph is read as JSON-LD with it; what Turtle shows of it is open."""
    content = [{"@id": "#g", "@graph": [{"@id": "#it", one("is"): [{"@value": "inside"}]}]}]
    url = w.url("graphs.jsonld")
    put = await w.alice.put(url, JSON_LD, json.dumps(content))
    if put.status >= 400:
        refused(put)
        return
    answer = await w.alice.get(url, JSON_LD)
    status(answer, 200)
    require(answer.media_type == JSON_LD, f"who accepts {JSON_LD} gets it")
    dataset = rdflib.Dataset()
    try:
        dataset.parse(data=answer.content, format="json-ld", publicID=url)
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"What GET {url} answered should have been JSON-LD.") from error
    inside = dataset.graph(rdflib.URIRef(f"{url}#g"))
    has(inside, f"{url}#it", one("is"), rdflib.Literal("inside"))


@case("server-content-type-includes", "server-http")
async def parameters_of_a_media_type_do_not_matter(w: World) -> None:
    """Neither that of the content nor those that Accept names."""
    url = w.url("umlaut.ttl")
    succeeded(await w.alice.put(url, f'{TURTLE};Charset="utf-8"', f'@prefix ex: <{VOC}>. <> ex:name "Grüße".'))
    for accept in (f"{TURTLE};charset=utf-8", f'{JSON_LD};profile="http://www.w3.org/ns/json-ld#compacted"'):
        answer = await w.alice.get(url, accept)
        same(_typed(answer, accept.partition(";")[0]), said('<> ex:name "Grüße".', url))


@case("reject-bad-requests")
async def what_is_no_rdf_is_not_taken_for_rdf(w: World) -> None:
    """What is called Turtle or JSON-LD and is none could never be answered in the other (5.5)."""
    for media_type, content in ((TURTLE, "<#it> this is no Turtle"), (JSON_LD, '{"@id": "#it", ')):
        url = w.url(w.fresh())
        refused(await w.alice.put(url, media_type, content))
        status(await w.alice.get(url), 404, 410)
        refused(await w.alice.post(w.place, media_type, content))
    require(not await w.members(w.place), "nothing of it is in the container")


@case("server-http")
async def a_representation_has_a_validator_of_its_own(w: World) -> None:
    """RFC 9110, 8.8.1: a strong ETag tells the representations of a resource from each other."""
    url = await w.document()
    turtle, linked = await w.alice.get(url, TURTLE), await w.alice.get(url, JSON_LD)
    tags = [answer.header("etag") for answer in (turtle, linked)]
    if all(tags) and not any(tag.startswith("W/") for tag in tags):
        require(tags[0] != tags[1], "Turtle and JSON-LD do not have the same strong ETag")


@case("server-representation-turtle-jsonld", "auxiliary-resources-rdf-document")
async def policies_can_be_read_as_both(w: World) -> None:
    """They are RDF documents as well (Protocol, 4.3)."""
    url = await w.folder()
    await w.share(url, (w.bob, "read"))
    policy = links(await w.alice.head(url), "acl")
    turtle = _typed(await w.alice.get(policy, TURTLE), TURTLE)
    linked = _typed(await w.alice.get(policy, JSON_LD), JSON_LD)
    require(len(turtle) > 0, "the policy that was set says something")
    same(linked, turtle)
