"""An app may do what its user may, as far as the user lets it: at every request, by every method."""

import time

import pytest

from tests.http.apps import Resident, resident
from tests.http.limited import APP, let, signed_in, through
from tests.world import BASE, N3, TURTLE, Person, World, n3, policy, rule

OTHER_APP = "https://other.example/id"
MODES = "read write control"


async def carol(world: World) -> tuple[Resident, Person]:
    """Somebody with a pod, and an app of hers that may do everything in it."""
    her = await resident(world)
    everything = await through(world, her.webid, ("/", "read append write control"), client="https://files.example/id")
    for path in ("/carol/notes/a", "/carol/notes/in/b", "/carol/other/c", "/carol/notes2"):
        assert (await everything.put(path, TURTLE, "<#it> <#is> 1.")).status == 201
    return her, everything


async def test_an_app_that_may_do_everything_is_not_limited(world: World) -> None:
    _, everything = await carol(world)

    assert (await everything.head("/carol/notes/a"))["wac-allow"] == 'user="read write append control",public=""'
    assert (await everything.get("/carol/.acl")).status == 200


async def test_an_app_reads_only_where_it_was_let(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/", "read"))

    for path in ("/carol/notes/", "/carol/notes/a", "/carol/notes/in/b"):
        assert (await app.get(path)).status == 200
    assert (await app.head("/carol/notes/a"))["wac-allow"] == 'user="read",public=""'
    for path in ("/carol/", "/carol/other/c", "/carol/notes2", "/carol/notes/.acl", "/carol/notes/a.acl"):
        assert (await app.get(path)).status == 403
    for path in ("/carol/profile/card",):
        assert (await app.get(path)).status == 200


async def test_an_app_without_consent_may_what_everyone_may(world: World) -> None:
    her, _ = await carol(world)
    app = await signed_in(world, her.webid)

    assert (await app.get("/carol/profile/card")).status == 200
    assert (await app.head("/carol/profile/card"))["wac-allow"] == 'user="read",public="read"'
    refused = await app.get("/carol/notes/a")
    assert refused.status == 403
    assert refused.json()["detail"] == "You have let this app do nothing here."


async def test_each_method_needs_its_modes_of_the_app_too(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/", "read append"))

    assert (await app.post("/carol/notes/", TURTLE, "<> <#is> 1.")).status == 201
    assert (await app.put("/carol/notes/new", TURTLE, "<> <#is> 1.")).status == 201
    assert (await app.insert("/carol/notes/a", "<#more> ex:is 2.")).status == 204
    assert (await app.put("/carol/notes/a", TURTLE, "")).status == 403
    deletion = n3(deletes="<#more> ex:is 2.")
    assert (await app.patch("/carol/notes/a", N3, deletion)).status == 403
    assert (await app.delete("/carol/notes/a")).status == 403
    assert (await app.put("/carol/fresh", TURTLE, "")).status == 403
    assert (await app.post("/carol/", TURTLE, "")).status == 403

    await let(world, her.webid, ("/carol/notes/", "read write"))
    assert (await app.put("/carol/notes/a", TURTLE, "<#more> <https://voc.example/#is> 2.")).status == 204
    assert (await app.patch("/carol/notes/a", N3, deletion)).status == 204
    assert (await app.delete("/carol/notes/a")).status == 205
    assert (await app.put("/carol/notes/a.acl", TURTLE, "")).status == 403
    assert (await app.delete("/carol/notes/")).status == 403


async def test_a_document_that_was_let_is_not_listed_by_what_it_lies_in(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/a", "read write"))

    assert (await app.put("/carol/notes/a", TURTLE, "")).status == 204
    assert (await app.get("/carol/notes/")).status == 403
    assert (await app.delete("/carol/notes/a")).status == 403
    assert (await app.get("/carol/notes/a.meta")).status == 404


async def test_policies_are_for_an_app_that_was_let_control(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/", "control"))
    text = policy("/carol/notes/", rule(f"acl:agent <{her.webid}>", MODES))

    assert (await app.put("/carol/notes/.acl", TURTLE, text)).status == 201
    assert (await app.get("/carol/notes/.acl")).status == 200
    assert (await app.put("/carol/.acl", TURTLE, text)).status == 403
    assert (await app.get("/carol/notes/")).status == 403


async def test_what_is_taken_back_is_gone_at_the_next_request(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/", "read"))
    assert (await app.get("/carol/notes/a")).status == 200

    await let(world, her.webid, ("/carol/other/", "read"))
    assert (await app.get("/carol/notes/a")).status == 403
    assert (await app.get("/carol/other/c")).status == 200

    await world.parts.consents.revoke(her.webid, APP)
    assert (await app.get("/carol/other/c")).status == 403


async def test_a_grant_that_has_ended_gives_nothing(world: World) -> None:
    her, _ = await carol(world)
    app = await signed_in(world, her.webid)
    await let(world, her.webid, ("/carol/notes/", "read"), until=time.time_ns() // 1000 + 10**9)
    assert (await app.get("/carol/notes/a")).status == 200

    await let(world, her.webid, ("/carol/notes/", "read"), until=time.time_ns() // 1000)
    assert (await app.get("/carol/notes/a")).status == 403


async def test_no_app_may_more_than_its_user(world: World) -> None:
    her, _ = await carol(world)
    await world.folder("/alice/box/")
    app = await through(world, her.webid, ("/", "read append write control"))

    assert (await app.get("/alice/box/")).status == 403
    await world.policy("/alice/box/", rule(f"acl:agent <{her.webid}>", "read"))
    assert (await app.head("/alice/box/"))["wac-allow"] == 'user="read",public=""'


async def test_apps_do_not_get_each_others_grants(world: World) -> None:
    her, _ = await carol(world)
    one = await through(world, her.webid, ("/carol/notes/", "read"))
    other = await through(world, her.webid, ("/carol/other/", "read"), client=OTHER_APP)

    for _ in range(2):
        assert [(await app.get("/carol/notes/a")).status for app in (one, other)] == [200, 403]
        assert [(await app.get("/carol/other/c")).status for app in (one, other)] == [403, 200]


async def test_a_token_of_another_issuer_is_not_limited(world: World) -> None:
    await world.document("/alice/box/note")
    await let(world, world.alice.webid, ("/alice/", "read"), client=world.alice.client.client_id)

    assert (await world.alice.put("/alice/box/note", TURTLE, "")).status == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "POST", "DELETE"])
async def test_a_refusal_does_not_tell_what_exists(world: World, method: str) -> None:
    her, _ = await carol(world)
    told = set()
    for grants in ((("/carol/x/", "append"),), (("/carol/other/c", "control"), ("/carol/other/none", "control"))):
        app = await through(world, her.webid, *grants)
        for path in ("/carol/other/c", "/carol/other/none"):
            content = n3(deletes="<#a> ex:b 1.") if method == "PATCH" else ""
            answer = await app.send(method, path, content, content_type=N3 if method == "PATCH" else TURTLE)
            told.add((grants[0], answer.status, answer.json().get("detail", "")))

    little = "No policy here gives this to you, or you have not let this app do it."
    assert told == {
        (("/carol/x/", "append"), 403, "You have let this app do nothing here."),
        (("/carol/other/c", "control"), 403, little),
    }


async def test_who_is_refused_learns_where_to_ask(world: World) -> None:
    her, _ = await carol(world)
    app = await through(world, her.webid, ("/carol/notes/", "read"))

    refused = (await app.get("/carol/other/c")).json()
    assert refused["apps"] == f"{BASE}.account/apps"
    assert refused["access_request"] == (
        f"{BASE}.account/requests/new?resource=https%3A%2F%2Fpod.example%2Fcarol%2Fother%2Fc&mode=read"
        "&client=https%3A%2F%2Fnotes.example%2Fid"
    )

    for method, mode in (("PUT", "write"), ("POST", "append"), ("DELETE", "write")):
        refused = (await world.bob.send(method, "/carol/other/c", "", content_type=TURTLE)).json()
        assert f"&mode={mode}&" in refused["access_request"]
        assert "apps" not in refused
    assert "&mode=control&" in (await world.bob.get("/carol/other/c.acl")).json()["access_request"]
    assert "access_request" not in (await world.anyone.get("/carol/other/c")).json()


async def test_a_browser_shows_where_to_ask(world: World) -> None:
    await world.document("/alice/box/note")
    seen = {"sec_fetch_mode": "navigate", "accept": "text/html"}

    page = (await world.anyone.get("/alice/box/note", **seen)).text

    ask = f"{BASE}.account/requests/new?resource=https%3A%2F%2Fpod.example%2Falice%2Fbox%2Fnote&amp;mode=read"
    assert f'<a href="{ask}">' in page
    assert ".account/requests" not in (await world.alice.get("/alice/none", **seen)).text


async def test_a_condition_of_a_policy_counts_the_client_and_the_issuer(world: World) -> None:
    await world.document("/alice/box/note")
    her = await resident(world)
    one = await through(world, her.webid, ("/", "read"))
    other = await through(world, her.webid, ("/", "read"), client=OTHER_APP)
    for condition in (f"a acl:ClientCondition; acl:client <{APP}>", "a acl:ClientCondition; acl:clientGroup <#apps>"):
        text = (
            policy("/alice/box/note", rule(f"acl:agent <{her.webid}>; acl:condition [ {condition} ]", "read"))
            + f"<#apps> <http://www.w3.org/2006/vcard/ns#hasMember> <{APP}>."
        )
        assert (await world.alice.put("/alice/box/note.acl", TURTLE, text)).status in {201, 204}

        for _ in range(2):
            assert [(await app.get("/alice/box/note")).status for app in (one, other, world.anyone)] == [200, 403, 401]
    issuer = f"acl:agentClass acl:AuthenticatedAgent; acl:condition [ a acl:IssuerCondition; acl:issuer <{BASE}> ]"
    await world.alice.put("/alice/box/note.acl", TURTLE, policy("/alice/box/note", rule(issuer, "read")))
    assert [(await who.get("/alice/box/note")).status for who in (one, other, world.bob)] == [200, 200, 403]


@pytest.mark.spec("server-link-condition")
async def test_the_kinds_of_conditions_are_advertised_on_policies(world: World) -> None:
    relation = "http://www.w3.org/ns/auth/acl#condition"
    kinds = [
        "http://www.w3.org/ns/auth/acl#ClientCondition",
        "http://www.w3.org/ns/auth/acl#IssuerCondition",
        "http://www.w3.org/ns/odrl/2/Constraint",
    ]

    assert (await world.alice.get("/alice/.acl")).linked(relation) == kinds
    assert (await world.alice.options("/alice/.acl")).linked(relation) == kinds
    assert (await world.alice.get("/alice/")).linked(relation) == []


async def test_a_policy_with_a_condition_that_is_not_understood_is_refused(world: World) -> None:
    await world.document("/alice/box/note")
    unknown = policy("/alice/box/note", rule("acl:agentClass foaf:Agent; acl:condition [ a acl:TeaCondition ]", "read"))

    answer = await world.alice.put("/alice/box/note.acl", TURTLE, unknown)

    assert answer.status == 422
    assert "acl:ClientCondition" in answer.json()["detail"]
    await world.policy("/alice/box/note")
    added = await world.alice.insert(
        "/alice/box/note.acl",
        "<#r> a <http://www.w3.org/ns/auth/acl#Authorization>; <http://www.w3.org/ns/auth/acl#condition> <#c>.",
    )
    assert added.status == 422
