"""Every failure that a caller can understand.

    PodError
    ├── Unauthenticated      credentials that are wrong, or an answer that needs some
    ├── Forbidden            a known agent without the mode
    ├── NotFound             nothing there, told only to those who may read there
    ├── NotAllowed           this resource does not do that (method)
    ├── NotAcceptable        no representation that the client accepts
    ├── Malformed            a request or content that cannot be understood
    │   └── UriTooLong
    ├── Conflict             at odds with the state of the resource
    ├── PreconditionFailed   a condition of the client does not hold
    ├── TooLarge             more than this server takes
    ├── UnsupportedMediaType content of a type that does not fit here
    ├── Unprocessable        understood, but against the rules of its format
    ├── RangeNotSatisfiable  no byte of the representation is in the range
    ├── Unreachable          a remote document that is needed could not be had
    ├── ClientGone           the client stopped in the middle of its content
    ├── Throttled            too many attempts: wait, then try again
    ├── Busy                 try again: too many writers, a locked database
    ├── StorageFull          no room to keep it
    ├── Damaged              what is stored is not what was stored
    ├── Misconfigured        settings that the server cannot start with
    └── Stale                facts moved between view and commit (never leaves the door)

No status codes here: `pod.http.problem` has the one table. A message is one sentence for
the person at the other end: what was wrong and, if known, what would be right; never a
secret, a path of the file system or SQL.
"""


class PodError(Exception):
    """A failure with a sentence for the person at the other end."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(PodError):
    """Credentials are needed or wrong. `code` is the error of RFC 6750 or RFC 9449, if credentials came.

    `by_policy`: none came, and a policy gives too little to everyone.
    """

    def __init__(self, message: str, code: str | None = None, *, by_policy: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.by_policy = by_policy


class Forbidden(PodError):
    """A known agent lacks the mode.

    `by_policy`: what lacks could be given by a policy. `client` is the app that asked, `limited` if its user lets it
    do less than they may.
    """

    def __init__(
        self, message: str, *, by_policy: bool = False, client: str | None = None, limited: bool = False
    ) -> None:
        super().__init__(message)
        self.by_policy = by_policy
        self.client = client
        self.limited = limited


class NotFound(PodError):
    """Nothing is there."""


class NotAllowed(PodError):
    """The resource does not support the method; `allowed` lists those it does."""

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class NotAcceptable(PodError):
    """No representation fits the Accept header; `available` lists the media types there are."""

    def __init__(self, message: str, available: tuple[str, ...]) -> None:
        super().__init__(message)
        self.available = available


class Malformed(PodError):
    """It cannot be understood; `line` and `column`, counted from 1, say where if that is known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class UriTooLong(Malformed):
    """A URI longer than the server takes."""


class Conflict(PodError):
    """At odds with the state of the resource."""


class PreconditionFailed(PodError):
    """A condition that the client set does not hold."""


class TooLarge(PodError):
    """More content than the server takes; `limit` is in bytes."""

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class UnsupportedMediaType(PodError):
    """Content of a type that does not fit here; `accepted` lists those that do."""

    def __init__(self, message: str, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.accepted = accepted


class Unprocessable(PodError):
    """Understood, but against the rules of its format."""


class RangeNotSatisfiable(PodError):
    """No byte of the representation is in the range; `size` is that of the whole."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class Unreachable(PodError):
    """A remote document that is needed could not be had, or may not be asked for."""


class ClientGone(PodError):
    """The client stopped in the middle of its content."""


class Throttled(PodError):
    """Too many attempts; the next one is looked at after `seconds`."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Busy(PodError):
    """Too much at once; the same request may succeed a moment later."""


class StorageFull(PodError):
    """There is no room to keep it."""


class Damaged(PodError):
    """What is stored is not what was stored."""


class Misconfigured(PodError):
    """Settings that the server cannot start with; `mistakes` has a sentence for each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Stale(PodError):
    """The facts moved between view and commit. Never leaves `pod.resources`."""

    def __init__(self) -> None:
        super().__init__("The resource changed meanwhile; try again.")
