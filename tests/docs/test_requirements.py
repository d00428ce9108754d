"""Requirement ids stand in the tables, wherever they are used."""

from conformance import tables
from docs import requirements

FOUND = tables.requirements()


def test_every_id_that_a_test_is_marked_with_is_in_a_table() -> None:
    unknown = [mention for proofs in requirements.proofs().values() for mention in proofs if mention.id not in FOUND]

    assert unknown == []


def test_every_id_that_the_code_names_is_in_a_table() -> None:
    mentions = list(requirements.named())

    assert len(mentions) > 20
    assert [mention for mention in mentions if mention.id not in FOUND] == []


def test_what_is_not_met_has_a_requirement_and_a_reason() -> None:
    for name, reason in requirements.known().items():
        assert FOUND[name].binding, name
        assert requirements.applies(FOUND[name]), name
        assert reason.endswith("."), name


def test_what_is_not_met_is_not_proved() -> None:
    assert set(requirements.known()) & set(requirements.proofs()) == set()


def test_a_requirement_for_a_client_alone_does_not_apply() -> None:
    assert requirements.applies(FOUND["server-delete-protect-root-container"])
    assert requirements.applies(FOUND["dpop-htu"])
    assert not requirements.applies(FOUND["client-link-acl"])
    assert not requirements.applies(FOUND["pkce-s256"])
    assert not requirements.applies(FOUND["ldpr-gen-etags"])


def test_marks_are_found_on_tests() -> None:
    proofs = requirements.proofs()["server-delete-protect-nonempty-container"]

    assert proofs
    assert all(proof.file.startswith("tests/") and proof.place.startswith("test_") for proof in proofs)
