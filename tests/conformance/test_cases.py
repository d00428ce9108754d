"""The cases and the tables: what is asked of servers has a case, or a reason why there is none."""

import tomllib

from conformance.__main__ import KNOWN
from conformance.case import cases
from conformance.tables import DIRECTORY, requirements

WITHOUT: dict[str, str] = tomllib.loads((DIRECTORY.parent / "without.toml").read_text())["without"]
LOOKED_AT = {asked.id for one in cases() for asked in one.requirements}


def test_each_must_of_a_server_or_an_issuer_has_a_case_or_a_reason() -> None:
    musts = {one.id for one in requirements().values() if one.of_servers and one.binding}
    assert sorted(musts - LOOKED_AT - WITHOUT.keys()) == []


def test_each_should_of_a_server_or_an_issuer_has_a_case_or_a_reason() -> None:
    shoulds = {one.id for one in requirements().values() if one.of_servers and one.level.startswith("SHOULD")}
    assert sorted(shoulds - LOOKED_AT - WITHOUT.keys()) == []


def test_reasons_are_given_only_where_there_is_no_case() -> None:
    assert sorted(WITHOUT.keys() & LOOKED_AT) == []
    assert sorted(WITHOUT.keys() - requirements().keys()) == []
    assert all(len(one) > 20 for one in WITHOUT.values())


def test_there_are_at_least_350_cases() -> None:
    assert len(cases()) >= 350


def test_what_is_known_to_fail_is_a_case() -> None:
    known = tomllib.loads(KNOWN.read_text())["cases"]
    assert sorted(known.keys() - {one.id for one in cases()}) == []
