"""Questions to a graph."""

from pod.rdf.formats import TURTLE, parse
from pod.rdf.graph import Literal, NamedNode, iris, objects, subjects

GRAPH = parse(b"<#a> <#p> <#b>, 'text', _:c; <#q> <#d> . <#e> <#p> <#b> .", TURTLE, "https://a.example/")


def test_objects_are_found_by_subject_and_predicate() -> None:
    found = set(objects(GRAPH, "https://a.example/#a", "https://a.example/#p"))

    assert len(found) == 3
    assert {NamedNode("https://a.example/#b"), Literal("text")} < found


def test_subjects_are_found_by_predicate_and_object() -> None:
    found = set(subjects(GRAPH, "https://a.example/#p", "https://a.example/#b"))

    assert found == {NamedNode("https://a.example/#a"), NamedNode("https://a.example/#e")}


def test_iris_are_what_is_named_by_one() -> None:
    found = iris(objects(GRAPH, "https://a.example/#a", "https://a.example/#p"))

    assert list(found) == ["https://a.example/#b"]


def test_what_is_not_there_is_not_found() -> None:
    assert not list(objects(GRAPH, "https://a.example/#e", "https://a.example/#q"))
    assert not list(subjects(GRAPH, "https://a.example/#q", "https://a.example/#b"))
