"""What vocab/build.py writes: the terms, and the contexts that need no fetching."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pod.rdf import formats, vocab
from pod.rdf.contexts import SHIPPED
from pod.rdf.formats import JSON_LD
from pod.rdf.graph import Literal, NamedNode
from tests.unit.rdf.reading import BASE

ROOT = Path(__file__).parents[3]
NAMESPACES = {name: value for name, value in vars(vocab).items() if isinstance(value, type)}
CONTEXTS = sorted((ROOT / "vocab" / "contexts").glob("*.jsonld"))
JSONLD_TYPES = {"@id", "@vocab", "@json", "@none"}

Context = dict[str, Any]  # the shape of a context is known only when it has been looked at


def test_what_is_written_is_up_to_date() -> None:
    check = subprocess.run([sys.executable, "vocab/build.py", "--check"], cwd=ROOT, check=False, capture_output=True)

    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("name", NAMESPACES)
def test_every_term_is_an_iri_of_its_namespace(name: str) -> None:
    namespace = NAMESPACES[name].__doc__
    assert namespace is not None

    for term, iri in vars(NAMESPACES[name]).items():
        if not term.startswith("_"):
            assert iri == f"{namespace}{term}"


def test_every_term_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "pod").rglob("*.py") if path.name != "vocab.py")
    terms = [f"{name}.{term}" for name, space in NAMESPACES.items() for term in vars(space) if not term.startswith("_")]

    assert [term for term in terms if not re.search(rf"\b{term}\b", code)] == []


def loaded(file: Path) -> Context:
    found = json.loads(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", CONTEXTS, ids=lambda file: file.stem)
def test_a_context_is_shipped_under_all_its_urls(file: Path) -> None:
    document = loaded(file)

    assert document.keys() == {"about", "urls", "@context"}
    for url in document["urls"]:
        assert json.loads(SHIPPED[url]) == {"@context": document["@context"]}


def test_no_two_contexts_have_one_url() -> None:
    urls = [url for file in CONTEXTS for url in loaded(file)["urls"]]

    assert len(urls) == len(set(urls)) == len(SHIPPED)


@pytest.mark.parametrize("file", CONTEXTS, ids=lambda file: file.stem)
def test_a_context_is_sorted_and_refers_to_no_other(file: Path) -> None:
    context = loaded(file)["@context"]

    assert list(context) == sorted(context, key=lambda term: (not term.startswith("@"), term.lower(), term))
    assert '"@import"' not in file.read_text("utf-8")
    assert all(isinstance(inner, dict) for inner in inner_contexts(context))


def inner_contexts(context: Context) -> list[object]:
    found: list[object] = []
    for definition in context.values():
        if isinstance(definition, dict) and "@context" in definition:
            inner = definition["@context"]
            found += [inner, *inner_contexts(inner)]
    return found


def full(context: Context, name: str) -> str:
    """The IRI that a name stands for, by prefix, by term or by @vocab."""
    prefix, colon, rest = name.partition(":")
    if colon and isinstance(context.get(prefix), str):
        return full(context, context[prefix]) + rest
    return name if colon else f"{context.get('@vocab', '')}{name}"


def terms_with_iris(context: Context) -> list[tuple[str, str, str | None, set[str]]]:
    """Every term that names a property: its IRI, its type and its containers."""
    found = []
    for term, definition in context.items():
        entry = {"@id": definition} if isinstance(definition, str) else definition
        if term.startswith("@") or not isinstance(entry, dict) or entry["@id"].startswith("@"):
            continue
        iri = full(context, entry["@id"])
        containers = entry.get("@container", [])
        kinds = {containers} if isinstance(containers, str) else set(containers)
        if not iri.endswith(("#", "/")):
            found.append((term, iri, entry.get("@type"), kinds))
    return found


ALL_TERMS = [(file.stem, loaded(file)["urls"][0], loaded(file)["@context"]) for file in CONTEXTS]


@pytest.mark.parametrize(("name", "url", "context"), ALL_TERMS, ids=[name for name, _, _ in ALL_TERMS])
def test_a_document_may_use_every_term_of_a_context(name: str, url: str, context: Context) -> None:
    """Each becomes the property, with the kind of value, that its definition says."""
    terms = terms_with_iris(context)
    values = {term: value_for(kinds) for term, _, _, kinds in terms}
    document = json.dumps({"@context": url, "@id": "#it", **values}).encode()

    found = formats.parse(document, JSON_LD, BASE)

    said = {(one.predicate.value, kind_of(one.object)) for one in found if one.subject == NamedNode(f"{BASE}#it")}
    assert said == {(iri, expected(context, kind, kinds)) for _, iri, kind, kinds in terms}


def value_for(kinds: set[str]) -> object:
    if "@language" in kinds:
        return {"en": "value"}
    if "@id" in kinds:
        return {"#value": {}}
    return {"@id": "#graph"} if "@graph" in kinds else "#value"


def expected(context: Context, kind: str | None, kinds: set[str]) -> str:
    if "@language" in kinds:
        return "text in a language"
    if "@list" in kinds or "@graph" in kinds:
        return "blank node"
    if kind in JSONLD_TYPES or "@id" in kinds:
        return "IRI"
    return full(context, kind) if kind is not None else "text"


def kind_of(term: object) -> str:
    if isinstance(term, Literal):
        if term.language is not None:
            return "text in a language"
        return "text" if term.datatype == NamedNode("http://www.w3.org/2001/XMLSchema#string") else term.datatype.value
    return "IRI" if isinstance(term, NamedNode) else "blank node"


def test_the_old_and_the_new_context_of_notifications_differ_in_the_names_of_channels_alone() -> None:
    old, new = (
        json.loads(SHIPPED[f"https://www.w3.org/ns/solid/{name}/v1"])["@context"]
        for name in ("notification", "notifications-context")
    )

    assert {term for term in new if term not in old} == {
        f"{kind}Channel2023" for kind in ("EventSource", "LDN", "StreamingHTTP", "Webhook", "WebSocket")
    }
    assert all(new[term] == definition for term, definition in old.items())


def test_a_client_identifier_document_means_what_it_says() -> None:
    document = {
        "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
        "client_id": "https://app.example/id",
        "client_name": "App",
        "redirect_uris": ["https://app.example/back", "https://app.example/other"],
        "default_max_age": 3600,
        "require_auth_time": True,
    }

    found = formats.parse(json.dumps(document).encode(), JSON_LD, "https://app.example/id")

    oidc = "http://www.w3.org/ns/solid/oidc#"
    assert {(one.predicate.value.removeprefix(oidc), str(one.object)) for one in found} == {
        ("client_name", '"App"'),
        ("redirect_uris", "<https://app.example/back>"),
        ("redirect_uris", "<https://app.example/other>"),
        ("default_max_age", '"3600"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("require_auth_time", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    }
