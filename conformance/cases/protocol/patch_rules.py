"""What a patch document has to be (Protocol, 5.3.1): 422 where it breaks a rule, and nothing is changed."""

from collections.abc import Sequence

from conformance.case import case
from conformance.cases.protocol._terms import PREFIXES, VOC, n3, said
from conformance.exchange import TURTLE
from conformance.expect import require, same, status
from conformance.world import World

BEFORE = "<#a> ex:b 1; ex:c _:d."


async def _breaks(w: World, *patches: str, also: Sequence[int] = ()) -> None:
    """Failed unless each patch is answered with 422 and changes nothing."""
    url = await w.document("note", f"@prefix ex: <{VOC}>. {BEFORE}")
    for patch in patches:
        status(await w.alice.patch(url, f"{PREFIXES}{patch}"), 422, *also)
        same((await w.alice.get(url, TURTLE)).graph(), said(BEFORE, url))


@case("server-patch-n3-patches", "server-patch-n3-invalid")
async def a_document_without_a_patch_is_none(w: World) -> None:
    await _breaks(w, "<#a> ex:b 2.", "")


@case("server-patch-n3-simple-type", "server-patch-n3-invalid")
async def a_patch_says_which_kind_it_is(w: World) -> None:
    await _breaks(
        w,
        "_:p solid:inserts { <#a> ex:b 2. }.",
        "_:p a solid:Patch; solid:inserts { <#a> ex:b 2. }.",
        "_:p a ex:InsertDeletePatch; solid:inserts { <#a> ex:b 2. }.",
    )


@case("server-patch-n3-single", "server-patch-n3-invalid")
async def a_document_has_one_patch(w: World) -> None:
    """What any deletions, insertions and conditions are about is one and the same: they "all share" the subject."""
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b 2. }."
        " _:q a solid:InsertDeletePatch; solid:inserts { <#a> ex:b 3. }.",
        "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b 2. }. _:q solid:deletes { <#a> ex:b 1. }.",
    )


@case("server-patch-n3-inserts", "server-patch-n3-invalid")
async def a_patch_has_insertions_once(w: World) -> None:
    await _breaks(w, "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b 2. }, { <#a> ex:b 3. }.")


@case("server-patch-n3-deletes", "server-patch-n3-invalid")
async def a_patch_has_deletions_once(w: World) -> None:
    await _breaks(w, "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:b 1. }, { <#a> ex:b 3. }.")


@case("server-patch-n3-where", "server-patch-n3-invalid")
async def a_patch_has_conditions_once(w: World) -> None:
    where = "solid:where { <#a> ex:b ?x. }, { <#a> ex:c ?y. }"
    await _breaks(w, f"_:p a solid:InsertDeletePatch; {where}; solid:inserts {{ <#a> ex:d 2. }}.")


@case("server-patch-n3-formulae", "server-patch-n3-invalid")
async def insertions_deletions_and_conditions_are_formulae(w: World) -> None:
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:inserts <#a>.",
        '_:p a solid:InsertDeletePatch; solid:deletes "<#a> ex:b 1.".',
        "_:p a solid:InsertDeletePatch; solid:where _:q; solid:inserts { <#a> ex:b 2. }.",
    )


@case("server-patch-n3-formulae", "server-patch-n3-invalid")
async def formulae_do_not_hold_formulae(w: World) -> None:
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b { <#c> ex:d 1. }. }.",
        "_:p a solid:InsertDeletePatch; solid:where { <#a> ex:b { <#c> ex:d ?x. }. }; solid:inserts { <#a> ex:b 2. }.",
    )


@case("server-patch-n3-variables", "server-patch-n3-invalid")
async def insertions_name_no_variable_of_their_own(w: World) -> None:
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:inserts { ?x ex:b 2. }.",
        "_:p a solid:InsertDeletePatch; solid:where { ?y ex:b 1. }; solid:inserts { ?y ex:d ?x. }.",
    )


@case("server-patch-n3-variables", "server-patch-n3-invalid")
async def deletions_name_no_variable_of_their_own(w: World) -> None:
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:deletes { ?x ex:b 1. }.",
        "_:p a solid:InsertDeletePatch; solid:where { ?y ex:b 1. }; solid:deletes { ?y ex:b ?x. }.",
    )


@case("server-patch-n3-blank-nodes", "server-patch-n3-invalid")
async def deletions_have_no_blank_nodes(w: World) -> None:
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:c _:d. }.",
        "_:p a solid:InsertDeletePatch; solid:deletes { <#a> ex:c []. }.",
    )


@case("server-patch-n3-blank-nodes-syntax", "server-patch-n3-invalid")
async def a_blank_node_is_not_named_in_conditions_and_insertions(w: World) -> None:
    """In the editor's draft by that rule; in editions before since insertions have no blank nodes at all."""
    await _breaks(
        w,
        "_:p a solid:InsertDeletePatch; solid:where { <#a> ex:c _:x. }; solid:inserts { _:x ex:e 2. }.",
    )


@case("server-patch-n3-invalid")
async def what_is_no_n3_is_no_patch(w: World) -> None:
    """422, or 400 where the server cannot read it at all (RFC 5789, 2.2: a malformed patch document)."""
    await _breaks(w, "_:p a solid:InsertDeletePatch; solid:inserts { <#a> ex:b", "} nothing {", also=[400])


@case("server-patch-n3-invalid")
async def what_breaks_a_rule_makes_nothing(w: World) -> None:
    """Also where nothing is yet."""
    url = w.url("new")
    status(await w.alice.patch(url, f"{PREFIXES}_:p solid:inserts {{ <#a> ex:b 2. }}."), 422)
    status(await w.alice.get(url), 404, 410)
    status(await w.alice.patch(url, n3(inserts="<#a> ex:b 2.")), 200, 201, 204, 205)
    require(url in await w.members(w.place), "what keeps the rules makes the document")
