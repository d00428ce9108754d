"""What each method needs, as agreed in solid/specification#14 and kept by other servers.

A row: method, target, modes on the container C/, modes on C/R (SAME: inherited from C/), what
a patch does, the outcome when the target exists and when it does not.
"""

from typing import NamedTuple

C, R = "C/", "C/R"
NONE = ""
READ, APPEND, WRITE = "Read", "Append", "Write"
SAME = "inherited from C/"
INSERTS, DELETES = "solid:inserts", "solid:deletes"
DONE, REFUSED, NOT_FOUND = "done", "refused", "not found"


class Row(NamedTuple):
    """One line of the table."""

    method: str
    target: str
    container: str
    resource: str
    patch: str | None
    there: str
    missing: str


TABLE = (
    Row("HEAD", R, NONE, SAME, None, REFUSED, REFUSED),
    Row("HEAD", R, NONE, READ, None, DONE, NOT_FOUND),
    Row("HEAD", R, READ, SAME, None, DONE, NOT_FOUND),
    Row("GET", R, NONE, SAME, None, REFUSED, REFUSED),
    Row("GET", R, NONE, READ, None, DONE, NOT_FOUND),
    Row("GET", R, READ, SAME, None, DONE, NOT_FOUND),
    Row("GET", R, READ, WRITE, None, REFUSED, REFUSED),
    Row("POST", C, NONE, SAME, None, REFUSED, REFUSED),
    Row("POST", C, NONE, READ, None, REFUSED, REFUSED),
    Row("POST", C, APPEND, SAME, None, DONE, DONE),
    Row("POST", C, APPEND, READ, None, DONE, DONE),
    Row("POST", C, f"{READ} {APPEND}", SAME, None, DONE, DONE),
    Row("POST", C, f"{READ} {APPEND}", READ, None, DONE, DONE),
    Row("PUT", C, NONE, SAME, None, REFUSED, REFUSED),
    Row("PUT", C, READ, SAME, None, REFUSED, REFUSED),
    # Another server refuses with 409 to put to a container that exists; that is its own choice.
    Row("PUT", C, WRITE, SAME, None, DONE, DONE),
    Row("PUT", R, NONE, SAME, None, REFUSED, REFUSED),
    Row("PUT", R, NONE, READ, None, REFUSED, REFUSED),
    Row("PUT", R, NONE, APPEND, None, REFUSED, REFUSED),
    Row("PUT", R, NONE, WRITE, None, DONE, REFUSED),
    Row("PUT", R, READ, SAME, None, REFUSED, REFUSED),
    Row("PUT", R, APPEND, SAME, None, REFUSED, DONE),
    Row("PUT", R, WRITE, SAME, None, DONE, DONE),
    Row("PUT", R, APPEND, WRITE, None, DONE, DONE),
    Row("PATCH", R, NONE, SAME, DELETES, REFUSED, REFUSED),
    Row("PATCH", R, NONE, READ, DELETES, REFUSED, REFUSED),
    Row("PATCH", R, NONE, APPEND, INSERTS, DONE, REFUSED),
    Row("PATCH", R, NONE, APPEND, DELETES, REFUSED, REFUSED),
    Row("PATCH", R, NONE, WRITE, INSERTS, DONE, REFUSED),
    Row("PATCH", R, NONE, WRITE, DELETES, REFUSED, REFUSED),
    Row("PATCH", R, APPEND, WRITE, INSERTS, DONE, DONE),
    Row("PATCH", R, APPEND, WRITE, DELETES, REFUSED, REFUSED),
    Row("PATCH", R, NONE, f"{READ} {WRITE}", DELETES, DONE, REFUSED),
    Row("DELETE", R, NONE, SAME, None, REFUSED, REFUSED),
    Row("DELETE", R, NONE, READ, None, REFUSED, NOT_FOUND),
    Row("DELETE", R, NONE, APPEND, None, REFUSED, REFUSED),
    Row("DELETE", R, NONE, WRITE, None, REFUSED, REFUSED),
    Row("DELETE", R, READ, SAME, None, REFUSED, NOT_FOUND),
    Row("DELETE", R, APPEND, SAME, None, REFUSED, REFUSED),
    Row("DELETE", R, APPEND, READ, None, REFUSED, NOT_FOUND),
    Row("DELETE", R, WRITE, SAME, None, DONE, REFUSED),
    Row("DELETE", R, WRITE, READ, None, REFUSED, NOT_FOUND),
    Row("DELETE", R, WRITE, APPEND, None, REFUSED, REFUSED),
    Row("DELETE", C, NONE, SAME, None, REFUSED, REFUSED),
    Row("DELETE", C, READ, SAME, None, REFUSED, NOT_FOUND),
    Row("DELETE", C, APPEND, SAME, None, REFUSED, REFUSED),
    Row("DELETE", C, WRITE, SAME, None, REFUSED, REFUSED),
    Row("DELETE", C, f"{READ} {WRITE}", SAME, None, DONE, NOT_FOUND),
)
