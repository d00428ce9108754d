"""Conditions of rules, as the editor's draft of Web Access Control 1.1 has them (3.2, 4.4, 5.3.2, 7.3).

Which kinds count a server says by links of its policies; of those that it does not name nothing is looked at here.
"""

from dataclasses import dataclass

from conformance.access import denied, hidden, readable, unchanged
from conformance.case import NotOffered, case
from conformance.cases.wac._policies import EVERYONE, PREFIXES, SIGNED_IN, agent, box, govern, note, own, rule, shared
from conformance.cases.wac.wac_allow import tells
from conformance.exchange import TURTLE
from conformance.expect import require, status, succeeded
from conformance.issuer import CLIENT as APP
from conformance.issuer import Issuer
from conformance.people import Person
from conformance.proofs import ProofKey
from conformance.world import ACL, NOTE, World

CONDITION = f"{ACL}condition"
CLIENT, ISSUER = "ClientCondition", "IssuerCondition"
OTHER_APP = "https://other.example/id"
BOTH = ("wac", "reach")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with two issuers, who comes through one of two apps."""

    w: World
    issuer: Issuer
    other: Issuer
    webid: str

    def through(self, client: str | None = APP, issuer: Issuer | None = None) -> Person:
        """The same agent by way of a client, with a token of an issuer."""
        key, by = ProofKey(), issuer or self.issuer
        return by.holder(self.w.client, self.webid, by.token(self.webid, key, azp=client, client_id=client), key)

    @property
    def person(self) -> Person:
        """By the app and the issuer that conditions here name."""
        return self.through()

    async def document(self, *conditions: str, modes: str = "read") -> str:
        """A document where the agent has modes under conditions."""
        url = await self.w.document()
        more = "; ".join(conditions)
        await govern(self.w, url, rule(f"acl:agent <{self.webid}>", modes, to=url, more=more))
        return url


async def _offered(w: World, *kinds: str) -> Visitor:
    """Somebody to look with; NotOffered unless the server evaluates conditions of these kinds."""
    answer = await w.alice.head(await govern(w, await w.document()))
    for kind in kinds:
        if f"{ACL}{kind}" not in answer.linked(CONDITION):
            raise NotOffered(f"Policies name no acl:{kind} by a Link with rel={CONDITION}.")
    issuer, other = Issuer(w.served), Issuer(w.served)
    webid = f"{issuer.profile(issuer.url, other.url).url}#me"
    visitor = Visitor(w, issuer, other, webid)
    for one in (visitor.through(), visitor.through(OTHER_APP), visitor.through(APP, other)):
        answer = await one.get(await shared(w, "read", f"acl:agent <{webid}>"))
        w.prepared(answer, "let a visitor in with a token of an issuer that the run serves")
    return visitor


def _client(*names: str) -> str:
    """A condition of clients."""
    return f"acl:condition [ a acl:{CLIENT}; acl:client {', '.join(f'<{one}>' for one in names)} ]"


def _issuer(*names: str) -> str:
    """A condition of issuers."""
    return f"acl:condition [ a acl:{ISSUER}; acl:issuer {', '.join(f'<{one}>' for one in names)} ]"


def _when(kind: str, facts: str) -> str:
    """A condition of a rule."""
    return f"acl:condition [ a acl:{kind}; {facts} ]"


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


@case("acl-condition", "access-client-condition", "server-condition-evaluation", needs=BOTH)
async def a_client_that_is_named_has_access_and_another_has_not(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url = await visitor.document(_client(APP), modes="read write")
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP), visitor.through(None))
    denied(await visitor.through(OTHER_APP).put(url, TURTLE, ""))
    await unchanged(w, url)
    succeeded(await visitor.person.put(url, TURTLE, NOTE))


@case("acl-condition", "access-client-condition", needs=("wac",))
async def bobs_client_has_no_access_where_another_is_named(w: World) -> None:
    """With the credentials that a run has anyway, and so on servers that cannot reach it."""
    if f"{ACL}{CLIENT}" not in (await w.alice.head(await govern(w, await w.document()))).linked(CONDITION):
        raise NotOffered(f"Policies name no acl:{CLIENT} by a Link with rel={CONDITION}.")
    url = await w.document()
    await govern(w, url, rule(agent(w.bob), "read write", to=url, more=_client(OTHER_APP)))
    await hidden(url, w.bob)
    denied(await w.bob.put(url, TURTLE, ""))
    await unchanged(w, url)


@case("access-client-condition", needs=BOTH)
async def one_of_the_clients_that_are_named_will_do(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url = await visitor.document(_client("https://third.example/id", APP))
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP))


@case("access-client-condition", needs=BOTH)
async def a_client_is_compared_whole(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    for other in (f"{APP}2", APP[:-1], f"{APP}#", f"{APP}/"):
        await hidden(await visitor.document(_client(other)), visitor.person)


@case("access-client-condition", needs=BOTH)
async def any_client_will_do_where_the_class_is_all_agents(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url = await visitor.document(_when(CLIENT, "acl:clientClass foaf:Agent"))
    await readable(url, visitor.person, visitor.through(OTHER_APP))


@case("access-client-condition", needs=BOTH)
async def a_client_of_a_group_has_access_and_another_has_not(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url = await visitor.document(_when(CLIENT, f"acl:clientGroup <{_group(w, APP)}>"))
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP))


@case("access-client-condition", "server-condition-evaluation", needs=BOTH)
async def an_agent_of_a_group_is_no_client_of_it(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    await hidden(await visitor.document(_when(CLIENT, f"acl:clientGroup <{_group(w, visitor.webid)}>")), visitor.person)
    await hidden(await visitor.document(_client(visitor.webid)), visitor.person)


@case("acl-condition", "access-issuer-condition", "server-condition-evaluation", needs=BOTH)
async def an_issuer_that_is_named_is_trusted_and_another_is_not(w: World) -> None:
    visitor = await _offered(w, ISSUER)
    url = await visitor.document(_issuer(visitor.issuer.url), modes="read write")
    await readable(url, visitor.person, visitor.through(OTHER_APP))
    await hidden(url, visitor.through(APP, visitor.other))
    denied(await visitor.through(APP, visitor.other).put(url, TURTLE, ""))
    await unchanged(w, url)


@case("acl-condition", "access-issuer-condition", needs=("wac",))
async def bobs_issuer_is_not_trusted_where_another_is_named(w: World) -> None:
    """With the credentials that a run has anyway."""
    if f"{ACL}{ISSUER}" not in (await w.alice.head(await govern(w, await w.document()))).linked(CONDITION):
        raise NotOffered(f"Policies name no acl:{ISSUER} by a Link with rel={CONDITION}.")
    url, issuer = await w.document(), (await w.bob.claims()).get("iss")
    await govern(w, url, rule(agent(w.bob), "read", to=url, more=_issuer("https://nobody.example/")))
    await hidden(url, w.bob)
    if issuer:
        await govern(w, url, rule(agent(w.bob), "read", to=url, more=_issuer(str(issuer))))
        await readable(url, w.bob)


@case("access-issuer-condition", needs=BOTH)
async def one_of_the_issuers_that_are_named_will_do(w: World) -> None:
    visitor = await _offered(w, ISSUER)
    url = await visitor.document(_issuer("https://nobody.example", visitor.other.url))
    await readable(url, visitor.through(APP, visitor.other))
    await hidden(url, visitor.person)


@case("access-issuer-condition", needs=BOTH)
async def any_issuer_is_trusted_where_the_class_is_all_agents(w: World) -> None:
    visitor = await _offered(w, ISSUER)
    url = await visitor.document(_when(ISSUER, "acl:issuerClass foaf:Agent"))
    await readable(url, visitor.person, visitor.through(APP, visitor.other))


@case("access-issuer-condition", needs=BOTH)
async def an_issuer_of_a_group_is_trusted_and_another_is_not(w: World) -> None:
    visitor = await _offered(w, ISSUER)
    url = await visitor.document(_when(ISSUER, f"acl:issuerGroup <{_group(w, visitor.issuer.url)}>"))
    await readable(url, visitor.person)
    await hidden(url, visitor.through(APP, visitor.other))


@case("server-condition-evaluation-conjunctive", "acl-condition", needs=BOTH)
async def all_conditions_of_a_rule_must_be_met(w: World) -> None:
    visitor = await _offered(w, CLIENT, ISSUER)
    url = await visitor.document(_client(APP), _issuer(visitor.issuer.url))
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP), visitor.through(APP, visitor.other))
    await hidden(url, visitor.through(OTHER_APP, visitor.other))


@case("server-condition-evaluation-conjunctive", needs=BOTH)
async def two_conditions_of_one_kind_must_both_be_met(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    await hidden(await visitor.document(_client(APP), _client(OTHER_APP)), visitor.person, visitor.through(OTHER_APP))
    url = await visitor.document(_client(APP), _client(OTHER_APP, APP))
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP))


@case("acl-condition", "authorization-evaluation-applicable", needs=BOTH)
async def a_condition_of_one_rule_is_none_of_another(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url, who = await w.document(), f"acl:agent <{visitor.webid}>"
    await govern(w, url, rule(who, "write", to=url, more=_client(APP)), rule(who, "read", to=url))
    await readable(url, visitor.person, visitor.through(OTHER_APP))
    denied(await visitor.through(OTHER_APP).put(url, TURTLE, ""))
    await unchanged(w, url)
    succeeded(await visitor.person.put(url, TURTLE, NOTE))


@case("access-client-condition", needs=BOTH)
async def who_comes_through_no_client_does_not_meet_a_condition_of_clients(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    for whom in (EVERYONE, SIGNED_IN):
        url = await w.document()
        await govern(w, url, rule(whom, "read", to=url, more=_client(APP)))
        await readable(url, visitor.person)
        await hidden(url, w.anyone, visitor.through(OTHER_APP))


@case("acl-condition", "access-client-condition", needs=BOTH)
async def a_condition_does_not_name_anybody(w: World) -> None:
    """Who is not the agent of the rule gets nothing by meeting its conditions."""
    visitor = await _offered(w, CLIENT)
    url, alone = await w.document(), await w.document()
    await govern(w, url, rule(agent(w.bob), "read", to=url, more=_client(APP)))
    await govern(w, alone, rule("acl:mode acl:Append", "read", to=alone, more=_client(APP)))
    await hidden(url, visitor.person, w.anyone)
    await hidden(alone, visitor.person, w.anyone)


@case("acl-condition", "acl-default", needs=BOTH)
async def a_condition_counts_for_what_is_inherited(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    folder = await box(w, "", "")
    await govern(w, folder, rule(f"acl:agent <{visitor.webid}>", "read", default=folder, more=_client(APP)))
    url = await note(w, folder)
    await readable(url, visitor.person)
    await hidden(url, visitor.through(OTHER_APP))


@case("acl-condition", "server-control-operation", needs=BOTH)
async def a_condition_counts_for_control(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url = await visitor.document(_client(APP), modes="control")
    policy = await w.policy_of(url)
    status(await visitor.person.get(policy), 200)
    denied(await visitor.through(OTHER_APP).get(policy))
    denied(await visitor.through(OTHER_APP).put(policy, TURTLE, PREFIXES))


@case("acl-condition", "server-wac-allow", needs=BOTH)
async def wac_allow_tells_what_the_conditions_leave(w: World) -> None:
    visitor = await _offered(w, CLIENT)
    url, who = await w.document(), f"acl:agent <{visitor.webid}>"
    more = (rule(who, "append", to=url, more=_client(APP)), rule(who, "control", to=url, more=_client(OTHER_APP)))
    await govern(w, url, rule(who, "read", to=url), *more)
    tells(await visitor.person.get(url), "user", "read append")
    tells(await visitor.through(OTHER_APP).get(url), "user", "read control")


@case("access-client-condition", "server-condition-evaluation", needs=BOTH)
async def a_condition_that_names_no_client_is_met_by_none(w: World) -> None:
    """A server may as well refuse to take it."""
    visitor = await _offered(w, CLIENT)
    url = await shared(w, "")
    empty = rule(f"acl:agent <{visitor.webid}>", "read", to=url, more="acl:condition [ a acl:ClientCondition ]")
    answer = await w.alice.put(await w.policy_of(url), TURTLE, PREFIXES + own(w, url) + empty)
    require(answer.status < 500, f"a policy is taken or refused, and not answered with {answer.status}")
    await hidden(url, visitor.person, visitor.through(None))


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
