"""Pages for people: templates filled with facts, and what a browser may do with the result."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pod.http.request import Header

PLACE = Path(__file__).parent.parent
MEDIA_TYPE = "text/html;charset=utf-8"
POLICY: Header = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'",
)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PLACE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(*templates: str, **facts: object) -> bytes:
    """The page that the first of the templates that exists makes of the facts; every fact is escaped."""
    return _environment().select_template(templates).render(facts).encode()
