"""The shapes of vocab/shapes, and the documents of a new pod that must have them."""

from pathlib import Path

import pyshacl
import pytest
import rdflib

from pod.http.discovery import storage
from pod.http.request import Request as HttpRequest
from pod.model.resource import Pod, Uri
from pod.pods import NewPod, _contents

ROOT = Uri("https://pod.example/alice/")
WEBID = f"{ROOT}profile/card#me"
POD = Pod(root=ROOT, name="alice", owners=(WEBID,), account="1", created=0)
SHAPES = Path(__file__).parents[3] / "vocab" / "shapes"
PREFIXES = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>."
    " @prefix ldp: <http://www.w3.org/ns/ldp#>. @prefix pim: <http://www.w3.org/ns/pim/space#>."
    " @prefix solid: <http://www.w3.org/ns/solid/terms#>.\n"
)

PROFILE = (
    "<> a foaf:PersonalProfileDocument; foaf:primaryTopic <#me> . <#me> a foaf:Person, foaf:Agent;"
    " solid:oidcIssuer <https://issuer.example/>; pim:preferencesFile </prefs>; pim:storage </>; ldp:inbox </inbox/> ."
)
POLICY = "<#a> a acl:Authorization; acl:agent <#me>; acl:accessTo <./>; acl:default <./>; acl:mode acl:Read ."
INDEX = (
    "<> a solid:TypeIndex, solid:ListedDocument . <#r> a solid:TypeRegistration; solid:forClass foaf:Person;"
    " solid:instance <#p>; solid:instanceContainer <people/> ."
)
STORAGE = "<> a pim:Storage; solid:storageDescription <.well-known/solid> ."
PREFERENCES = "<> a pim:ConfigurationFile . <#me> solid:privateTypeIndex <private>; solid:publicTypeIndex <public> ."

NEW_POD = {
    uri.removeprefix(ROOT): turtle
    for uri, turtle in _contents(POD, WEBID, "https://pod.example/", NewPod("alice", "somebody", playground=True))
}


def violations(shape: str, turtle: str, base: str = ROOT) -> list[str]:
    """What SHACL says against the document; none when it says nothing, or there is nothing to check."""
    graph = rdflib.Graph().parse(data=PREFIXES + turtle, format="turtle", publicID=base)
    shapes = rdflib.Graph().parse(SHAPES / f"{shape}.ttl", publicID="https://shapes.example/")
    conforms, results, text = pyshacl.validate(graph, shacl_graph=shapes)
    shacl = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    found = [str(one) for one in results.objects(predicate=shacl.resultMessage)]
    assert conforms == (not found), text
    return found


async def nothing() -> object:
    """The request has no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        ("webid-profile", "profile/card"),
        ("preferences", "settings/prefs.ttl"),
        ("type-index", "settings/publicTypeIndex.ttl"),
        ("type-index", "settings/privateTypeIndex.ttl"),
        *(("authorization", path) for path in NEW_POD if path.endswith(".acl")),
    ],
)
@pytest.mark.spec(
    "webid-profile-data-model-type", "webid-profile-data-model-preferences", "webid-profile-data-model-inbox",
    "webid-document-primary-topic", "preferences-document-type", "type-index-types", "authorization-conformance",
)  # fmt: skip
def test_a_new_pod_conforms(shape: str, path: str) -> None:
    assert violations(shape, NEW_POD[path], f"{ROOT}{path}") == []


def test_every_document_of_a_new_pod_is_checked() -> None:
    documents = {path for path, turtle in NEW_POD.items() if turtle and not path.endswith(".acl")}

    assert documents == {
        "profile/card", "settings/prefs.ttl", "settings/publicTypeIndex.ttl", "settings/privateTypeIndex.ttl"
    }  # fmt: skip


@pytest.mark.spec("storage-description-rdf-type", "server-storage-description-resource")
def test_a_storage_description_conforms() -> None:
    answer = storage(POD, HttpRequest({"method": "GET", "path": "/alice/", "headers": []}, nothing))

    assert isinstance(answer.body, bytes)
    assert b"pim:Storage" in answer.body
    assert violations("storage-description", answer.body.decode()) == []


@pytest.mark.parametrize(
    ("shape", "turtle"),
    [
        ("webid-profile", PROFILE),
        ("authorization", POLICY),
        ("type-index", INDEX),
        ("storage-description", STORAGE),
        ("preferences", PREFERENCES),
    ],
)
def test_a_good_document_conforms(shape: str, turtle: str) -> None:
    assert violations(shape, turtle) == []


@pytest.mark.parametrize(
    ("shape", "turtle", "part", "instead"),
    [
        ("webid-profile", PROFILE, "foaf:primaryTopic <#me>", "foaf:maker <#me>"),
        ("webid-profile", PROFILE, "foaf:primaryTopic <#me>", "foaf:primaryTopic <#me>, <#you>"),
        ("webid-profile", PROFILE, "foaf:primaryTopic <#me>", "foaf:primaryTopic <#you>"),
        ("webid-profile", PROFILE, ", foaf:Agent", ""),
        ("webid-profile", PROFILE, "<https://issuer.example/>", "'https://issuer.example/'"),
        ("webid-profile", PROFILE, "<https://issuer.example/>", "<urn:issuer>"),
        ("webid-profile", PROFILE, "pim:preferencesFile </prefs>;", ""),
        ("webid-profile", PROFILE, "</prefs>", "</prefs>, </prefs2>"),
        ("webid-profile", PROFILE, "pim:storage </>", "pim:storage </a>"),
        ("webid-profile", PROFILE, "</inbox/>", "</inbox/>, </other/>"),
        ("webid-profile", PROFILE, "pim:storage </>", "solid:privateTypeIndex </private>"),
        ("webid-profile", PROFILE, "pim:storage </>", "solid:publicTypeIndex 'public'"),
        ("webid-profile", PROFILE, "<#me>", "_:me"),
        ("authorization", POLICY, "acl:accessTo <./>; acl:default <./>;", ""),
        ("authorization", POLICY, "acl:agent <#me>;", ""),
        ("authorization", POLICY, "; acl:mode acl:Read", ""),
        ("authorization", POLICY, "acl:Read", "acl:read"),
        ("authorization", POLICY, "acl:default <./>", "acl:default <./note>"),
        ("authorization", POLICY, "acl:agent <#me>", "acl:agent 'me'"),
        ("authorization", POLICY, "acl:agent <#me>", "acl:agentClass acl:Agent"),
        ("authorization", POLICY, "acl:agent <#me>", "acl:agentGroup [ ]"),
        ("authorization", POLICY, "acl:agent <#me>", "acl:origin 'https://app.example'"),
        ("authorization", POLICY, "acl:accessTo <./>", "acl:accessTo './'"),
        ("type-index", INDEX, ", solid:ListedDocument", ""),
        ("type-index", INDEX, "solid:ListedDocument", "solid:ListedDocument, solid:UnlistedDocument"),
        ("type-index", INDEX, "solid:forClass foaf:Person;", ""),
        ("type-index", INDEX, "solid:instance <#p>; solid:instanceContainer <people/>", "solid:forClass foaf:Agent"),
        ("type-index", INDEX, "<#p>", "'p'"),
        ("type-index", INDEX, "<people/>", "<people>"),
        ("storage-description", STORAGE, "a pim:Storage; ", ""),
        ("storage-description", STORAGE, "<>", "<x>"),
        ("storage-description", STORAGE, "<.well-known/solid>", "<.well-known/solid>, <x>"),
        ("preferences", PREFERENCES, "<private>", "'private'"),
        ("preferences", PREFERENCES, "<public>", "'public'"),
        ("preferences", PREFERENCES, "<> a", "[] a"),
    ],
)
def test_a_document_that_lacks_something_or_says_too_much_does_not_conform(
    shape: str, turtle: str, part: str, instead: str
) -> None:
    assert part in turtle
    assert violations(shape, turtle.replace(part, instead)) != []
