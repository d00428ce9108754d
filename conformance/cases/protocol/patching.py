"""What an N3 Patch does to a document (Protocol, 5.3.1)."""

import asyncio

from conformance.case import case
from conformance.cases.protocol._terms import GONE, PLAIN, VOC, n3, said
from conformance.exchange import JSON_LD, TURTLE
from conformance.expect import require, same, status, succeeded
from conformance.world import NOTE, World

PEOPLE = '<#a> ex:name "Anna"; ex:age 30. <#b> ex:name "Bert".'
DOCUMENT = f"@prefix ex: <{VOC}>. {PEOPLE}"


async def _patched(w: World, patch: str, after: str, before: str = PEOPLE) -> None:
    """Failed unless the patch succeeds and makes this of that."""
    url = await w.document(w.fresh(), f"@prefix ex: <{VOC}>. {before}")
    succeeded(await w.alice.patch(url, patch))
    same((await w.alice.get(url, TURTLE)).graph(), said(after, url))


async def _conflicts(w: World, patch: str, before: str = PEOPLE) -> None:
    """Failed unless the patch is answered with 409 and changes nothing."""
    url = await w.document(w.fresh(), f"@prefix ex: <{VOC}>. {before}")
    status(await w.alice.patch(url, patch), 409)
    same((await w.alice.get(url, TURTLE)).graph(), said(before, url))


@case("server-patch-n3-accept", "server-patch-n3-semantics")
async def what_is_inserted_is_there(w: World) -> None:
    await _patched(
        w,
        n3(inserts='<#c> ex:name "Carl", "Karl"@de; ex:knows <#a>.'),
        f'{PEOPLE} <#c> ex:name "Carl", "Karl"@de; ex:knows <#a>.',
    )


@case("server-patch-n3-semantics")
async def what_is_deleted_is_not_there(w: World) -> None:
    await _patched(w, n3(deletes="<#a> ex:age 30."), '<#a> ex:name "Anna". <#b> ex:name "Bert".')


@case("server-patch-n3-semantics")
async def all_can_be_deleted(w: World) -> None:
    """The document stays, with no triples."""
    await _patched(w, n3(deletes=PEOPLE), "")


@case("server-patch-n3-semantics")
async def a_variable_stands_for_what_the_conditions_found(w: World) -> None:
    patch = n3('?who ex:name "Anna"; ex:age ?age.', "?who ex:age ?age.", '?who ex:name "Anne"; ex:was ?age.')
    await _patched(w, patch, '<#a> ex:name "Anna", "Anne"; ex:was 30. <#b> ex:name "Bert".')


@case("server-patch-n3-semantics")
async def conditions_may_follow_each_other(w: World) -> None:
    """Several patterns hold together, also through a blank node of the document."""
    before = '<#a> ex:address [ ex:city "Bonn" ]. <#b> ex:address [ ex:city "Ulm" ].'
    patch = n3("<#a> ex:address ?where. ?where ex:city ?city.", "?where ex:city ?city.", '?where ex:city "Berlin".')
    await _patched(w, patch, '<#a> ex:address [ ex:city "Berlin" ]. <#b> ex:address [ ex:city "Ulm" ].', before)


@case("server-patch-n3-semantics")
async def what_is_deleted_and_inserted_is_there(w: World) -> None:
    """First deletions, then insertions."""
    await _patched(
        w, n3(deletes="<#a> ex:age 30.", inserts="<#a> ex:age 30; ex:seen true."), f"{PEOPLE} <#a> ex:seen true."
    )


@case("server-patch-n3-semantics")
async def what_is_there_already_can_be_inserted(w: World) -> None:
    """A graph is a set."""
    await _patched(w, n3(inserts='<#b> ex:name "Bert"; ex:age 40.'), f"{PEOPLE} <#b> ex:age 40.")


@case("server-patch-n3-semantics")
async def conditions_without_variables_may_hold(w: World) -> None:
    """Then there is one mapping, which is empty."""
    await _patched(w, n3(where="<#a> ex:age 30.", inserts="<#a> ex:grown true."), f"{PEOPLE} <#a> ex:grown true.")


@case("server-patch-n3-semantics-no-mapping")
async def conditions_that_do_not_hold_are_a_conflict(w: World) -> None:
    for where in (
        "<#a> ex:age 31.",
        '?who ex:name "Carl".',
        '?who ex:name "Anna"; ex:name "Bert".',
        "<#a> ex:age ?n. <#b> ex:age ?n.",
    ):
        await _conflicts(w, n3(where=where, inserts="<#c> ex:is 1."))


@case("server-patch-n3-semantics-no-mapping")
async def conditions_that_hold_in_several_ways_are_a_conflict(w: World) -> None:
    for where in ("?who ex:name ?name.", "<#a> ?what ?value.", '?a ex:name "Anna". ?b ex:name ?name.'):
        await _conflicts(w, n3(where=where, inserts="<#c> ex:is 1."))


@case("server-patch-n3-semantics-no-mapping")
async def terms_are_compared_and_not_values(w: World) -> None:
    """`30` and `30.0` are different literals, and so are those of different languages."""
    before = '<#a> ex:age 30; ex:name "Anna"@de.'
    for where in ("<#a> ex:age 30.0.", '<#a> ex:age "30".', '<#a> ex:name "Anna".', '<#a> ex:name "Anna"@en.'):
        await _conflicts(w, n3(where=where, inserts="<#c> ex:is 1."), before)


@case("server-patch-n3-semantics-deletions-non-empty-all-triples")
async def what_is_not_there_cannot_be_deleted(w: World) -> None:
    """409 when any is missing, and nothing is changed: neither those that are there, nor by insertions."""
    await _conflicts(w, n3(deletes='<#a> ex:name "Anna". <#b> ex:age 40.', inserts="<#c> ex:is 1."))
    await _conflicts(w, n3(where="?who ex:age 30.", deletes='?who ex:name "Bert".'))


@case("server-patch-n3-semantics-deletions-non-empty-all-triples", "server-patch-n3-semantics-no-mapping")
async def of_what_is_not_there_nothing_can_be_deleted(w: World) -> None:
    """A resource that does not exist has the empty dataset; the conflict creates nothing."""
    url = w.url("none")
    status(await w.alice.patch(url, n3(deletes="<#a> ex:age 30.")), 409)
    status(await w.alice.patch(url, n3(where="<#a> ex:age 30.", inserts="<#c> ex:is 1.")), 409)
    status(await w.alice.get(url), *GONE)


@case("server-patch-n3-accept", "server-representation-turtle-jsonld")
async def what_is_json_ld_can_be_patched(w: World) -> None:
    """It is an RDF document."""
    url = await w.document("thing", f'{{"@id": "#a", "{VOC}age": 30}}', JSON_LD)
    succeeded(await w.alice.patch(url, n3("?who ex:age 30.", "?who ex:age 30.", "?who ex:age 31.")))
    for media_type in (TURTLE, JSON_LD):
        same((await w.alice.get(url, media_type)).graph(), said("<#a> ex:age 31.", url))


@case("server-patch-n3-accept")
async def relative_iris_of_a_patch_are_meant_of_the_document(w: World) -> None:
    url = await w.document("folder/note", DOCUMENT)
    succeeded(await w.alice.patch(url, n3(inserts="<> ex:see <other>, <../up>, <#a>.")))
    same((await w.alice.get(url, TURTLE)).graph(), said(f"{PEOPLE} <> ex:see <other>, <../up>, <#a>.", url))


@case("server-patch-n3-patch-identifier", "server-patch-n3-type", "server-patch-n3-patches")
async def a_patch_may_have_any_name(w: World) -> None:
    """An IRI or a blank node; it may say besides that it is a `solid:Patch`."""
    for name in ("_:p", "<#patch>", "<>", "<https://elsewhere.example/patch>"):
        await _patched(w, n3(inserts="<#c> ex:is 1.", patch=name), f"{PEOPLE} <#c> ex:is 1.")
    typed = n3(inserts="<#c> ex:is 1.") + " _:patch a solid:Patch."
    await _patched(w, typed, f"{PEOPLE} <#c> ex:is 1.")


@case("server-patch-n3-accept", "server-patch-n3-formulae")
async def formulae_may_be_empty(w: World) -> None:
    """`{}` is a formula, and what is not there is presumed to be one."""
    empty = n3() + "\n_:patch solid:inserts {}; solid:deletes {}; solid:where {}."
    await _patched(w, empty, PEOPLE)
    await _patched(w, n3(inserts="<#c> ex:is 1.") + "\n_:patch solid:where {}.", f"{PEOPLE} <#c> ex:is 1.")


@case("x-server-patch-n3-fresh-bnodes", "server-patch-n3-blank-nodes")
async def blank_nodes_that_are_inserted_are_new(w: World) -> None:
    """The editor's draft (0.12) allows them; an edition before refuses such a patch with 422."""
    before = '_:x ex:name "old".'
    url = await w.document("note", f"@prefix ex: <{VOC}>. {before}")
    answer = await w.alice.patch(url, n3(inserts='_:x ex:name "new".'))
    if answer.status == 422:
        same((await w.alice.get(url, TURTLE)).graph(), said(before, url))
        return
    succeeded(answer)
    same((await w.alice.get(url, TURTLE)).graph(), said('_:x ex:name "old". _:y ex:name "new".', url))


@case("server-http", "server-patch-n3-accept")
async def what_is_no_rdf_cannot_be_patched(w: World) -> None:
    """A text has no triples: the patch does not succeed, and the text stays."""
    url = await w.document("text.txt", "text", PLAIN)
    answer = await w.alice.patch(url, n3(inserts="<#a> ex:b 1."))
    require(answer.status >= 400, f"PATCH of a text is refused, and not answered with {answer.status}")
    require((await w.alice.get(url)).content == b"text", "the text is as it was")


@case("server-patch-n3-semantics", "server-http")
async def patches_at_once_are_all_done(w: World) -> None:
    """None is lost, as each starts from what the one before has left."""
    url = await w.document("note", NOTE)
    answers = await asyncio.gather(*(w.alice.patch(url, n3(inserts=f"<#n> ex:is {n}.")) for n in range(5)))
    for answer in answers:
        succeeded(answer)
    numbers = "".join(f"<#n> ex:is {n}." for n in range(5))
    same((await w.alice.get(url, TURTLE)).graph(), said(f"{NOTE} {numbers}", url))
