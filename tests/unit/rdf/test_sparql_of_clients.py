"""Updates as client libraries write them."""

import pytest

from tests.unit.rdf.reading import BASE, PREFIXES, patched, said, statements

DOCUMENT = f"{PREFIXES}<#a> :name 'Anna'; :age 30; :home [ :city 'Rome' ] .\n<#b> :name 'Bert' .\n"
OLDER = DOCUMENT.replace(":age 30", ":age 31")
AGELESS = DOCUMENT.replace(":age 30; ", "")
A = f"<{BASE}#a>"
AGE, CITY, HOME, NAME = (f"<https://voc.example/#{name}>" for name in ("age", "city", "home", "name"))
THIRTY, MORE = (f'"{age}"^^<http://www.w3.org/2001/XMLSchema#integer>' for age in (30, 31))

INRUPT = f"DELETE DATA {{{A} {AGE} {THIRTY}.}}; INSERT DATA {{{A} {AGE} {MORE}.\n}};"
INRUPT_INSERTS = f' INSERT DATA {{<{BASE}#c> a <https://voc.example/#C>;\n    {NAME} "Carl", "Karl"@de.}};'
RDFLIB = f"DELETE DATA {{ {A} {AGE} 30 .\n }} \n ; INSERT DATA {{ {A} {AGE} 31 .\n }}\n"
RDFLIB_OLD = f"DELETE DATA {{ {A} {AGE} 30 . }} ;\nINSERT DATA {{ {A} {AGE} 31  . }}\n"
RDFLIB_WHERE = f'DELETE {{ ?n3 {CITY} "Rome" .\n }}\nINSERT {{ ?n3 {CITY} "Oslo" .\n }}\nWHERE {{ {A} {HOME} ?n3 . }}\n'
LDO = f'DELETE DATA {{  }}; INSERT DATA {{ <{BASE}#c> {HOME} _:n3-0 . _:n3-0 {CITY} "Oslo" .  }}'
SOUKAI = (
    f"\n    DELETE DATA {{ <#a> {AGE} {THIRTY} . }} ;\n    INSERT DATA {{ <#c> a <https://voc.example/#C> .\n"
    f'<#c> <https://voc.example/#at> "2020-01-01T00:00:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> . }}\n'
)


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (INRUPT, OLDER),
        (INRUPT_INSERTS, f"{DOCUMENT} <#c> a :C; :name 'Carl', 'Karl'@de ."),
        (RDFLIB, OLDER),
        (RDFLIB_OLD, OLDER),
        (RDFLIB_WHERE, DOCUMENT.replace("Rome", "Oslo")),
        (LDO, f"{DOCUMENT} <#c> :home [ :city 'Oslo' ] ."),
        (SOUKAI, f"{AGELESS} <#c> a :C; :at '2020-01-01T00:00:00.000Z'^^xsd:dateTime ."),
    ],
    ids=["inrupt", "inrupt inserts", "rdflib", "rdflib old", "rdflib where", "ldo", "soukai"],
)
def test_what_client_libraries_send_is_understood(update: str, expected: str) -> None:
    assert statements(patched(update, DOCUMENT)) == said(expected)
