"""Conditions of rules, as the editor's draft of Web Access Control 1.1 has them (3.2, 4.4, 5.3.2, 7.3).

Which kinds count a server says by links of its policies; of those that it does not name nothing is looked at here.
"""

from conformance.case import CannotTell, NotOffered, case
from conformance.cases.wac._policies import (
    EVERYONE,
    PREFIXES,
    SIGNED_IN,
    agent,
    box,
    denied,
    govern,
    hidden,
    note,
    own,
    readable,
    rule,
    shared,
    unchanged,
)
from conformance.cases.wac.wac_allow import tells
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.world import ACL, NOTE, World

CONDITION = f"{ACL}condition"
CLIENT, ISSUER = "ClientCondition", "IssuerCondition"
NOBODY = "https://nobody.example/"


async def _offered(w: World, kind: str) -> None:
    """NotOffered unless the server evaluates conditions of that kind."""
    answer = await w.alice.head(await govern(w, await w.document()))
    if f"{ACL}{kind}" not in answer.linked(CONDITION):
        raise NotOffered(f"Policies name no acl:{kind} by a Link with rel={CONDITION}.")


async def _client(w: World) -> str:
    """The client through which Bob comes, as his token names it."""
    await _offered(w, CLIENT)
    claims = await w.bob.claims()
    found = claims.get("azp") or claims.get("client_id")
    if not isinstance(found, str):
        raise CannotTell("Bob's token names no client.")
    if ":" not in found:
        raise CannotTell(f"Bob's client {found} is no URI, so that no policy can name it.")
    return found


async def _issuer(w: World) -> str:
    """The issuer of Bob's token."""
    await _offered(w, ISSUER)
    found = (await w.bob.claims()).get("iss")
    if not isinstance(found, str):
        raise CannotTell("Bob's token names no issuer that can be read.")
    return found


def _when(kind: str, facts: str) -> str:
    """A condition of a rule."""
    return f"acl:condition [ a acl:{kind}; {facts} ]"


async def _shared(w: World, more: str, whom: str = "", modes: str = "read") -> str:
    """A document that Bob, or whom it says, may read under conditions."""
    url = await w.document()
    await govern(w, url, rule(whom or agent(w.bob), modes, to=url, more=more))
    return url


def _group(w: World, *members: str) -> str:
    """A group that the run serves."""
    listed = ", ".join(f"<{one}>" for one in members)
    content = f"@prefix vcard: <http://www.w3.org/2006/vcard/ns#>. <#them> a vcard:Group; vcard:hasMember {listed}."
    return w.served.publish(TURTLE, content).url + "#them"


@case("server-link-condition", needs=("wac",))
async def a_policy_names_the_conditions_that_count(w: World) -> None:
    policy = await govern(w, await w.document())
    answers = [await w.alice.get(policy, TURTLE), await w.alice.head(policy, TURTLE)]
    named = [set(one.linked(CONDITION)) for one in answers]
    if not any(named):
        raise NotOffered("Policies name no condition by a Link.")
    require(named[0] == named[1], "GET and HEAD of a policy name the same conditions")
    require(all("://" in one for one in named[0]), "each kind of condition is named by its IRI")


@case("server-link-condition", needs=("wac",))
async def the_policy_that_is_inherited_names_the_conditions(w: World) -> None:
    """They are named by the effective policy, which for most resources is one of a container above."""
    document, folder = await govern(w, await w.document()), await govern(w, await w.folder())
    root = await w.policy_of(w.target.storage)
    named = [set((await w.alice.head(one)).linked(CONDITION)) for one in (document, folder, root)]
    if not any(named):
        raise NotOffered("Policies name no condition by a Link.")
    require(named[0] == named[1] == named[2], "all policies of a server name the same conditions")


@case("acl-condition", "access-client-condition", needs=("wac",))
async def a_client_that_is_named_has_access(w: World) -> None:
    await readable(await _shared(w, _when(CLIENT, f"acl:client <{await _client(w)}>")), w.bob)


@case("acl-condition", "access-client-condition", "server-condition-evaluation", needs=("wac",))
async def another_client_has_no_access(w: World) -> None:
    await _client(w)
    url = await _shared(w, _when(CLIENT, f"acl:client <{NOBODY}app>"), modes="read write")
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, ""))
    await unchanged(w, url)


@case("access-client-condition", needs=("wac",))
async def one_of_the_clients_that_are_named_will_do(w: World) -> None:
    client = await _client(w)
    await readable(await _shared(w, _when(CLIENT, f"acl:client <{NOBODY}app>, <{client}>")), w.bob)


@case("access-client-condition", needs=("wac",))
async def a_client_is_compared_whole(w: World) -> None:
    client = await _client(w)
    for other in (f"{client}2", client[:-1]):
        await hidden(await _shared(w, _when(CLIENT, f"acl:client <{other}>")), w.bob)


@case("access-client-condition", needs=("wac",))
async def any_client_will_do_where_the_class_is_all_agents(w: World) -> None:
    await _client(w)
    await readable(await _shared(w, _when(CLIENT, "acl:clientClass foaf:Agent")), w.bob)


@case("access-client-condition", needs=("wac", "reach"))
async def a_client_of_a_group_has_access(w: World) -> None:
    client = await _client(w)
    await readable(await _shared(w, _when(CLIENT, f"acl:clientGroup <{_group(w, client)}>")), w.bob)


@case("access-client-condition", "server-condition-evaluation", needs=("wac", "reach"))
async def a_client_that_is_not_of_the_group_has_no_access(w: World) -> None:
    """That Bob himself is in the group does not help his client."""
    await _client(w)
    group = _group(w, w.bob.webid, f"{NOBODY}app")
    await hidden(await _shared(w, _when(CLIENT, f"acl:clientGroup <{group}>")), w.bob)


@case("acl-condition", "access-issuer-condition", needs=("wac",))
async def an_issuer_that_is_named_is_trusted(w: World) -> None:
    await readable(await _shared(w, _when(ISSUER, f"acl:issuer <{await _issuer(w)}>")), w.bob)


@case("acl-condition", "access-issuer-condition", "server-condition-evaluation", needs=("wac",))
async def another_issuer_is_not_trusted(w: World) -> None:
    await _issuer(w)
    url = await _shared(w, _when(ISSUER, f"acl:issuer <{NOBODY}>"), modes="read write")
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, ""))
    await unchanged(w, url)


@case("access-issuer-condition", needs=("wac",))
async def any_issuer_is_trusted_where_the_class_is_all_agents(w: World) -> None:
    await _issuer(w)
    await readable(await _shared(w, _when(ISSUER, "acl:issuerClass foaf:Agent")), w.bob)


@case("access-issuer-condition", needs=("wac", "reach"))
async def an_issuer_of_a_group_is_trusted(w: World) -> None:
    issuer = await _issuer(w)
    await readable(await _shared(w, _when(ISSUER, f"acl:issuerGroup <{_group(w, issuer)}>")), w.bob)


@case("access-issuer-condition", "server-condition-evaluation", needs=("wac", "reach"))
async def an_issuer_that_is_not_of_the_group_is_not_trusted(w: World) -> None:
    await _issuer(w)
    await hidden(await _shared(w, _when(ISSUER, f"acl:issuerGroup <{_group(w, NOBODY)}>")), w.bob)


@case("server-condition-evaluation-conjunctive", "acl-condition", needs=("wac",))
async def all_conditions_of_a_rule_must_be_met(w: World) -> None:
    client, issuer = await _client(w), await _issuer(w)
    clients = {True: _when(CLIENT, f"acl:client <{client}>"), False: _when(CLIENT, f"acl:client <{NOBODY}app>")}
    issuers = {True: _when(ISSUER, f"acl:issuer <{issuer}>"), False: _when(ISSUER, f"acl:issuer <{NOBODY}>")}
    for first in (True, False):
        for second in (True, False):
            url = await _shared(w, f"{clients[first]}; {issuers[second]}")
            await (readable if first and second else hidden)(url, w.bob)


@case("server-condition-evaluation-conjunctive", needs=("wac",))
async def two_conditions_of_one_kind_must_both_be_met(w: World) -> None:
    client = await _client(w)
    one, other = _when(CLIENT, f"acl:client <{client}>"), _when(CLIENT, f"acl:client <{NOBODY}app>")
    await hidden(await _shared(w, f"{one}; {other}"), w.bob)
    both = _when(CLIENT, f"acl:client <{client}>, <{NOBODY}app>")
    await readable(await _shared(w, f"{one}; {both}"), w.bob)


@case("acl-condition", "authorization-evaluation-applicable", needs=("wac",))
async def a_condition_of_one_rule_is_none_of_another(w: World) -> None:
    await _client(w)
    url = await w.document()
    strict = rule(agent(w.bob), "write", to=url, more=_when(CLIENT, f"acl:client <{NOBODY}app>"))
    await govern(w, url, strict, rule(agent(w.bob), "read", to=url))
    await readable(url, w.bob)
    denied(await w.bob.put(url, TURTLE, ""))
    await unchanged(w, url)


@case("access-client-condition", needs=("wac",))
async def who_comes_through_no_client_does_not_meet_a_condition_of_clients(w: World) -> None:
    client = await _client(w)
    url = await _shared(w, _when(CLIENT, f"acl:client <{client}>"), EVERYONE)
    await readable(url, w.bob)
    await hidden(url, w.anyone)


@case("acl-condition", "access-client-condition", needs=("wac",))
async def a_condition_does_not_name_anybody(w: World) -> None:
    """Who is not the agent of the rule gets nothing by meeting its conditions."""
    client = await _client(w)
    url = await _shared(w, _when(CLIENT, f"acl:client <{client}>"), "acl:agent <https://somebody.example/#me>")
    await hidden(url, w.bob, w.anyone)
    alone = await w.document()
    await govern(w, alone, rule("acl:mode acl:Read", "read", to=alone, more=_when(CLIENT, f"acl:client <{client}>")))
    await hidden(alone, w.bob)


@case("acl-condition", "acl-default", needs=("wac",))
async def a_condition_counts_for_what_is_inherited(w: World) -> None:
    client = await _client(w)
    for name, may in ((client, True), (f"{NOBODY}app", False)):
        folder = await box(w, "", "")
        more = _when(CLIENT, f"acl:client <{name}>")
        await govern(w, folder, rule(agent(w.bob), "read", default=folder, more=more))
        await (readable if may else hidden)(await note(w, folder), w.bob)


@case("acl-condition", "acl-mode-write", needs=("wac",))
async def a_condition_counts_for_writing(w: World) -> None:
    client = await _client(w)
    url = await _shared(w, _when(CLIENT, f"acl:client <{client}>"), SIGNED_IN, "write")
    succeeded(await w.bob.put(url, TURTLE, NOTE))


@case("acl-condition", "server-wac-allow", needs=("wac",))
async def wac_allow_tells_what_the_conditions_leave(w: World) -> None:
    client = await _client(w)
    url = await w.document()
    other = rule(agent(w.bob), "write control", to=url, more=_when(CLIENT, f"acl:client <{NOBODY}app>"))
    mine = rule(agent(w.bob), "append", to=url, more=_when(CLIENT, f"acl:client <{client}>"))
    await govern(w, url, rule(agent(w.bob), "read", to=url), mine, other)
    answer = await w.bob.get(url)
    status(answer, 200)
    tells(answer, "user", "read append")


@case("access-client-condition", "server-condition-evaluation", needs=("wac",))
async def a_condition_that_names_no_client_is_met_by_none(w: World) -> None:
    """A server may as well refuse to take it."""
    await _client(w)
    url = await shared(w, "")
    content = (
        PREFIXES + own(w, url) + rule(agent(w.bob), "read", to=url, more="acl:condition [ a acl:ClientCondition ]")
    )
    answer = await w.alice.put(await w.policy_of(url), TURTLE, content)
    require(answer.status < 500, f"a policy is taken or refused, and not answered with {answer.status}")
    await hidden(url, w.bob)


@case("extension-acl-condition", needs=("wac",))
async def a_condition_of_an_unknown_kind_is_no_error(w: World) -> None:
    """A server does not stop, and signals no error; what other rules give is given (editor's draft, 7.3)."""
    url = await w.document()
    unknown = rule(agent(w.bob), "append", to=url, more="acl:condition [ a <https://voc.example/Weather> ]")
    succeeded(await w.alice.put(await w.policy_of(url), TURTLE, PREFIXES + own(w, url) + unknown))
    await readable(url, w.alice)
    await hidden(url, w.bob)


@case("extension-acl-condition.continue", "server-condition-evaluation", needs=("wac",))
async def a_condition_of_an_unknown_kind_is_passed_over(w: World) -> None:
    """A server goes on as if the condition were not there (editor's draft, 5.3.2 and 7.3)."""
    url = await w.document()
    unknown = rule(agent(w.bob), "read", to=url, more="acl:condition [ a <https://voc.example/Weather> ]")
    succeeded(await w.alice.put(await w.policy_of(url), TURTLE, PREFIXES + own(w, url) + unknown))
    await readable(url, w.bob)
    await hidden(url, w.anyone)
