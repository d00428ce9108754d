"""Which rules count, and what several of them give together (WAC, 5.2, 5.3, 7.2)."""

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, PREFIXES, SIGNED_IN, agent, govern, own, rule, shared
from conformance.exchange import TURTLE
from conformance.expect import status, succeeded
from conformance.people import Anyone
from conformance.world import NOTE, World

OTHER = "<#it> <https://voc.example/is> 2 ."


async def _written(w: World, *rules: str) -> str:
    """A new document whose policy has these rules, with URL for where `{url}` stands in them."""
    url = await w.document()
    await govern(w, url, *(one.replace("{url}", url).replace("{bob}", w.bob.webid) for one in rules))
    return url


async def _read_only(w: World, who: Anyone, url: str) -> None:
    """Failed unless they can read a document, and not write to it."""
    await readable(url, who)
    denied(await who.put(url, TURTLE, OTHER))
    await unchanged(w, url)


@case("authorization-conformance", needs=("wac",))
async def a_rule_that_is_complete_counts(w: World) -> None:
    url = await _written(w, "<#r> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:Read.")
    await readable(url, w.bob)


@case("authorization-conformance", needs=("wac",))
async def a_rule_without_its_type_gives_nothing(w: World) -> None:
    await hidden(await _written(w, "<#r> acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:Read."), w.bob)
    other = "<#r> a foaf:Agent; acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:Read."
    await hidden(await _written(w, other), w.bob)


@case("authorization-conformance", "acl-mode", needs=("wac",))
async def a_rule_without_modes_gives_nothing(w: World) -> None:
    url = await _written(w, "<#r> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>.")
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, OTHER))
    await unchanged(w, url)


@case("authorization-conformance", needs=("wac",))
async def a_rule_without_a_subject_gives_nothing(w: World) -> None:
    await hidden(
        await _written(w, "<#r> a acl:Authorization; acl:accessTo <{url}>; acl:mode acl:Read."), w.bob, w.anyone
    )


@case("authorization-conformance", "acl-accessto", needs=("wac",))
async def a_rule_without_an_object_gives_nothing(w: World) -> None:
    await hidden(await _written(w, "<#r> a acl:Authorization; acl:agent <{bob}>; acl:mode acl:Read."), w.bob)
    everyone = "<#r> a acl:Authorization; acl:agentClass foaf:Agent; acl:mode acl:Read."
    await hidden(await _written(w, everyone), w.bob, w.anyone)


@case("authorization-conformance", needs=("wac",))
async def parts_of_two_rules_do_not_make_one(w: World) -> None:
    url = await _written(
        w,
        "<#one> a acl:Authorization; acl:accessTo <{url}>; acl:mode acl:Read.",
        "<#two> a acl:Authorization; acl:agent <{bob}>; acl:mode acl:Read.",
        "<#three> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>.",
    )
    await hidden(url, w.bob)


@case("authorization-conformance", needs=("wac",))
async def a_rule_may_have_further_types_and_statements(w: World) -> None:
    facts = "a acl:Authorization, <https://voc.example/Rule>; foaf:name 'for Bob'; <https://voc.example/since> 2020"
    url = await _written(w, f"<#r> {facts}; acl:accessTo <{{url}}>; acl:agent <{{bob}}>; acl:mode acl:Read.")
    await readable(url, w.bob)


@case("authorization-conformance", needs=("wac",))
async def a_rule_may_have_any_name(w: World) -> None:
    """The URI of an Authorization need not lie in its document (WAC, 5.2)."""
    for name in ("<https://voc.example/rules/1>", "<urn:uuid:0b6f7a0e-1f5d-4a77-b0a3-5d1b3c1f2a9e>"):
        url = await _written(
            w, f"{name} a acl:Authorization; acl:accessTo <{{url}}>; acl:agent <{{bob}}>; acl:mode acl:Read."
        )
        await readable(url, w.bob)


@case("authorization-conformance", needs=("wac",), level="SHOULD")
async def a_rule_may_have_no_name(w: World) -> None:
    """WAC speaks of Authorizations with URIs (1.1), and policies of many apps have blank nodes."""
    url = await _written(w, "[] a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:Read.")
    await readable(url, w.bob)


@case("authorization-conformance", needs=("wac",))
async def a_rule_may_name_several_resources(w: World) -> None:
    url = await _written(
        w,
        "<#r> a acl:Authorization; acl:accessTo <{url}>, <https://somewhere.example/>; acl:agent <{bob}>;"
        " acl:mode acl:Read.",
    )
    await readable(url, w.bob)


@case("authorization-evaluation-applicable", "acl-mode", needs=("wac",))
async def several_rules_may_give_several_modes(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(agent(w.bob), "read", to=url), rule(agent(w.bob), "write", to=url))
    await readable(url, w.bob)
    succeeded(await w.bob.put(url, TURTLE, OTHER))


@case("authorization-evaluation-applicable", needs=("wac",))
async def modes_may_come_by_different_ways_of_naming_somebody(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(SIGNED_IN, "read", to=url), rule(agent(w.bob), "write", to=url))
    patch = (
        "@prefix solid: <http://www.w3.org/ns/solid/terms#>. _:p a solid:InsertDeletePatch;"
        " solid:deletes { <#it> <https://voc.example/is> 1. }."
    )
    succeeded(await w.bob.patch(url, patch))


@case("authorization-evaluation-applicable", needs=("wac",))
async def a_rule_takes_nothing_away(w: World) -> None:
    """What one rule gives is not less for another that gives less, or to somebody else."""
    url = await w.document()
    rules = (
        rule(agent(w.bob), "read write", to=url),
        rule(agent(w.bob), "read", to=url),
        rule(EVERYONE, "append", to=url),
    )
    await govern(w, url, *rules)
    await readable(url, w.bob)
    succeeded(await w.bob.put(url, TURTLE, NOTE))
    await hidden(url, w.anyone)


@case("authorization-evaluation-applicable", needs=("wac",))
async def the_modes_of_one_are_not_those_of_another(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(agent(w.bob), "write", to=url), rule(EVERYONE, "read", to=url))
    await _read_only(w, w.anyone, url)
    succeeded(await w.bob.put(url, TURTLE, OTHER))


@case("authorization-evaluation-applicable", needs=("wac",))
async def where_no_rule_matches_access_is_denied(w: World) -> None:
    url = await w.document()
    policy = await w.policy_of(url)
    succeeded(await w.alice.put(policy, TURTLE, PREFIXES + own(w, url)))
    await hidden(url, w.bob, w.anyone)
    await readable(url, w.alice)


@case("acl-mode", "acl-mode-read", needs=("wac",))
async def a_rule_gives_the_modes_that_it_names_and_no_more(w: World) -> None:
    url = await shared(w, "read")
    await _read_only(w, w.bob, url)
    denied(await w.bob.get(await w.policy_of(url)))


@case("authorization-evaluation-acl-mode-entailment", "access-mode-classes", needs=("wac",))
async def append_does_not_bring_write(w: World) -> None:
    """acl:Append is a subclass of acl:Write, and not the other way round (WAC, 4.2, note)."""
    await _read_only(w, w.bob, await shared(w, "read append"))


@case("access-mode-classes", needs=("wac",))
async def acl_access_is_no_mode_to_give(w: World) -> None:
    """acl:Access is a superclass, not intended for setting or matching access privileges (WAC, 4.2, note)."""
    url = await shared(w, "access")
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, OTHER))
    denied(await w.bob.get(await w.policy_of(url)))
    await unchanged(w, url)


@case("extension-acl-mode", "extension-acl-mode.continue", needs=("wac",))
async def a_mode_that_is_not_known_is_passed_over(w: World) -> None:
    url = await _written(
        w,
        "<#r> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>;"
        " acl:mode <http://www.w3.org/ns/auth/acl#Update>, acl:Read, <https://voc.example/Print>.",
    )
    await _read_only(w, w.bob, url)


@case("extension-acl-mode", "extension-acl-mode.continue", needs=("wac",))
async def a_rule_with_unknown_modes_alone_does_not_matter_to_others(w: World) -> None:
    url = await _written(
        w,
        "<#a> a acl:Authorization; acl:accessTo <{url}>; acl:agentClass foaf:Agent; acl:mode <https://voc.example/Print>.",
        "<#b> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:Read.",
    )
    await _read_only(w, w.bob, url)
    await hidden(url, w.anyone)


@case("extension-acl-mode.foreign", "acl-mode", needs=("wac",))
async def modes_of_other_vocabularies_give_nothing(w: World) -> None:
    """Their last part may be the same."""
    named = ("https://voc.example/acl#", "http://www.w3.org/ns/auth/acl/", "https://www.w3.org/ns/auth/acl#")
    modes = ", ".join(f"<{one}{mode}>" for one in named for mode in ("Read", "Write", "Control"))
    url = await _written(w, f"<#r> a acl:Authorization; acl:accessTo <{{url}}>; acl:agent <{{bob}}>; acl:mode {modes}.")
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, OTHER))
    denied(await w.bob.get(await w.policy_of(url)))


@case("acl-mode", "extension-acl-mode.foreign", needs=("wac",))
async def modes_are_named_with_capital_letters(w: World) -> None:
    """IRIs are compared letter by letter: acl:read is no mode."""
    url = await _written(
        w, "<#r> a acl:Authorization; acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode acl:read, acl:READ."
    )
    await hidden(url, w.bob)


@case("authorization-conformance", "acl-agent", needs=("wac",), level="SHOULD")
async def what_is_a_text_names_nobody_and_gives_nothing(w: World) -> None:
    """Agents, modes and resources are named by IRIs, and a text denotes itself; WAC does not say so for rules."""
    for facts in (
        'acl:accessTo <{url}>; acl:agent "{bob}"; acl:mode acl:Read',
        'acl:accessTo <{url}>; acl:agent <{bob}>; acl:mode "http://www.w3.org/ns/auth/acl#Read"',
        'acl:accessTo "{url}"; acl:agent <{bob}>; acl:mode acl:Read',
    ):
        url = await _written(w, f"<#r> a acl:Authorization; {facts}.")
        answer = await w.bob.get(url)
        status(answer, 401, 403, 404)
