"""What keeps strangers out of the pages: where a request may come from, tokens of forms, headers of answers. Pure."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pod.errors import Forbidden

Headers = Sequence[tuple[str, str]]
ELSEWHERE = "This came from another site, or from a page that was open for too long; reload the page and try again."
HEADER = "x-csrf-token"


@dataclass(frozen=True, slots=True)
class Source:
    """What a browser says about where a request comes from; a program says nothing."""

    origin: str | None
    site: str | None
    """Sec-Fetch-Site."""
    destination: str | None
    """Sec-Fetch-Dest."""
    token: str | None
    """The header with the token of forms."""


def may_read(source: Source, expected: str, *, is_page: bool) -> bool:
    """Whether a cookie counts for a GET: for a page that a person looks at, or with the token of its forms.

    On the origin of the pages others may have scripts too, unless the pages have their own. Such a script
    can open no page within its own, and has no token with which it could read one as data.
    """
    if source.token is not None and hmac.compare_digest(source.token.encode(), expected.encode()):
        return True
    return is_page and source.destination in {None, "document"}


def may_follow(key: str, expected: str) -> bool:
    """Whether a cookie counts for a stream, which cannot send the token of forms: its page has a key for it alone.

    An address can be seen where a header cannot, and who sees the key learns nothing by it without the cookie.
    """
    return hmac.compare_digest(key.encode(), stream_key(expected).encode())


def stream_key(token: str) -> str:
    """The key for streams of who has this token for forms; the token does not follow from it."""
    return hmac.new(token.encode(), b"stream", "sha256").hexdigest()[:32]


def require_own(source: Source, account_url: str) -> None:
    """Raise Forbidden when a form comes from another place than the pages."""
    own = account_url.removesuffix("/")
    if source.origin not in {None, own} or source.site not in {None, "same-origin", "none"}:
        raise Forbidden(ELSEWHERE)


def require_token(given: str | None, expected: str) -> None:
    """Raise Forbidden unless the form has the token that it was shown with."""
    if given is None or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden(ELSEWHERE)


CONTENT: Headers = (
    # It has no origin, and runs nothing: what people keep is never a page of ours.
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"),
    # Browsers show nothing that asks for this and is in a sandbox as well.
    ("cross-origin-opener-policy", "unsafe-none"),
)
"""What a browser may do with what somebody keeps in a pod, besides that of pages."""


def headers(account_url: str, hsts_seconds: int, targets: Sequence[str] = ()) -> Headers:
    """What a browser may do with a page; `targets` are URLs to which its forms may lead in the end."""
    action = " ".join(["'self'", *dict.fromkeys(_source(one) for one in targets)])
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        f" form-action {action}; frame-ancestors 'none'; base-uri 'none'"
    )
    found = [
        ("content-security-policy", policy),
        ("x-frame-options", "DENY"),
        # With `no-referrer` browsers would not say from which origin a form comes.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cache-control", "no-store"),
    ]
    if hsts_seconds and account_url.startswith("https:"):
        found.append(("strict-transport-security", f"max-age={hsts_seconds}"))
    return found


def _source(url: str) -> str:
    """What a policy calls the place of a URL: its origin, or the scheme of an app."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
