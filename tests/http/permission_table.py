"""Which operation needs which modes, as rows: what is granted, and what status follows.

A row grants modes on a container, `above`, and on a resource in it, `below`, whose policy is its own;
None: it inherits that of the container, which then holds for both. What is done to a container is
done where the one above it may be written. DENIED is 401 for who is not known, and 403 for who is.
"""

from dataclasses import dataclass

DENIED = 0
INSERTS, DELETES = "solid:inserts", "solid:deletes"


@dataclass(frozen=True, slots=True)
class Row:
    """An operation, the modes on container and resource, and the status if the target exists or not."""

    method: str
    above: str
    below: str | None
    there: int
    missing: int
    patch: str = ""
    on_container: bool = False

    def __str__(self) -> str:
        target = "container" if self.on_container else "resource"
        below = "inherited" if self.below is None else self.below or "none"
        return f"{self.method} {self.patch} {target}: {self.above or 'none'} / {below}".replace("  ", " ")


ROWS = (
    # Preflights carry no credentials, so that OPTIONS asks nobody.
    *(Row("OPTIONS", above, below, 204, 204) for above, below in (("", None), ("", "read"), ("read", None))),
    *(
        Row(method, above, below, there, missing)
        for method in ("GET", "HEAD")
        for above, below, there, missing in (
            ("", None, DENIED, DENIED),
            ("", "read", 200, 404),
            ("read", None, 200, 404),
            ("read", "write", DENIED, DENIED),
            ("write append control", None, DENIED, DENIED),
        )
    ),
    *(
        Row("POST", above, below, there, there, on_container=True)
        for above, below, there in (
            ("", None, DENIED),
            ("", "read", DENIED),
            ("control", None, DENIED),
            ("append", None, 201),
            ("append", "read", 201),
            ("write", None, 201),
            ("read append", None, 201),
            ("read append", "read", 201),
        )
    ),
    Row("PUT", "", None, DENIED, DENIED, on_container=True),
    Row("PUT", "read", None, DENIED, DENIED, on_container=True),
    Row("PUT", "append", None, DENIED, 201, on_container=True),
    # Replacing what clients said about a container is no change of what it holds, and so allowed.
    Row("PUT", "write", None, 204, 201, on_container=True),
    *(
        Row("PUT", above, below, there, missing)
        for above, below, there, missing in (
            ("", None, DENIED, DENIED),
            ("", "read", DENIED, DENIED),
            ("", "append", DENIED, DENIED),
            ("", "write", 204, DENIED),
            ("read", None, DENIED, DENIED),
            ("append", None, DENIED, 201),
            ("write", None, 204, 201),
            ("append", "write", 204, 201),
            ("control", None, DENIED, DENIED),
        )
    ),
    *(
        Row("PATCH", above, below, there, missing, patch)
        for above, below, patch, there, missing in (
            ("", None, DELETES, DENIED, DENIED),
            ("", "read", DELETES, DENIED, DENIED),
            ("", "append", INSERTS, 204, DENIED),
            ("", "append", DELETES, DENIED, DENIED),
            ("", "write", INSERTS, 204, DENIED),
            ("", "write", DELETES, DENIED, DENIED),
            ("", "control", INSERTS, DENIED, DENIED),
            ("append", "write", INSERTS, 204, 201),
            ("append", "write", DELETES, DENIED, DENIED),
            ("", "read write", DELETES, 204, DENIED),
            # Deleting from what is not there is a conflict, which who may read and create there learns.
            ("append", "read write", DELETES, 204, 409),
            ("append", None, INSERTS, 204, 201),
            ("write", None, INSERTS, 204, 201),
        )
    ),
    *(
        Row("DELETE", above, below, there, missing)
        for above, below, there, missing in (
            ("", None, DENIED, DENIED),
            ("", "read", DENIED, 404),
            ("", "append", DENIED, DENIED),
            ("", "write", DENIED, DENIED),
            ("read", None, DENIED, 404),
            ("append", None, DENIED, DENIED),
            ("append", "read", DENIED, 404),
            ("write", None, 205, DENIED),
            ("write", "read", DENIED, 404),
            ("write", "append", DENIED, DENIED),
            ("write", "write", 205, DENIED),
            ("control", None, DENIED, DENIED),
        )
    ),
    *(
        Row("DELETE", above, None, there, missing, on_container=True)
        for above, there, missing in (
            ("", DENIED, DENIED),
            ("read", DENIED, 404),
            ("append", DENIED, DENIED),
            # Whether it is empty is for those to know who may read it.
            ("write", DENIED, DENIED),
            ("read write", 205, 404),
        )
    ),
)
