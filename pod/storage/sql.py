"""Every query, in SQL that SQLite and PostgreSQL both understand."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from pod.errors import Damaged
from pod.model.change import Entry, Happening
from pod.model.representation import Staged
from pod.model.resource import Blob, Child, Kind, Pod, Resource, Uri
from pod.storage.leaving import Former
from pod.storage.ports import INLINE_LIMIT

Row = tuple[Any, ...]  # Any: the schema knows what a column holds, mypy does not
Values = tuple[str | int | bytes | None, ...]

_COLUMNS = "uri, kind, media_type, digest, size, revision, stamp, touched, created, modified, shared_second"
RESOURCE = f"SELECT {_COLUMNS} FROM resource WHERE uri = ?"  # noqa: S608 - a constant
CHILDREN = "SELECT uri, kind, media_type, size, modified FROM resource WHERE parent = ? ORDER BY uri"
OF_KIND = "SELECT uri FROM resource WHERE kind = ? ORDER BY uri"
FIRST_CHILD = "SELECT 1 FROM resource WHERE parent = ? LIMIT 1"
_CHILD_URIS = "SELECT uri FROM resource WHERE parent = ?"
_INSERT = f"INSERT INTO resource ({_COLUMNS}, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
_UPDATE = (
    "UPDATE resource SET kind = ?, media_type = ?, digest = ?, size = ?, revision = ?, stamp = ?,"
    " touched = ?, created = ?, modified = ?, shared_second = ? WHERE uri = ?"
)
_TOUCH = "UPDATE resource SET touched = ?, modified = ?, shared_second = ? WHERE uri = ?"
_REMOVE = "DELETE FROM resource WHERE uri = ?"

_ENTRY = (
    "seq, commit_seq, uri, kind, happening, media_type, agent, client,"
    " before_digest, before_size, after_digest, after_size, time"
)
_APPEND = f"INSERT INTO log ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
LOG = f"SELECT {_ENTRY} FROM log WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - a constant
NEWS = "SELECT seq, uri, kind, happening FROM log WHERE seq > ? ORDER BY seq LIMIT ?"
HEAD = "SELECT seq, time FROM log ORDER BY seq DESC LIMIT 1"
_DELETED = "SELECT time FROM log WHERE uri = ? AND happening = 'delete' ORDER BY seq DESC LIMIT 1"

_KEEP = "INSERT INTO content (digest, bytes, saved) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"
CONTENT = "SELECT bytes FROM content WHERE digest = ?"
_HAS_CONTENT = "SELECT 1 FROM content WHERE digest = ?"
DROP_CONTENT = "DELETE FROM content WHERE digest = ?"
_NAMED = (
    "SELECT digest, size FROM resource"
    " UNION{all} SELECT before_digest, before_size FROM log WHERE before_digest IS NOT NULL"
    " UNION{all} SELECT after_digest, after_size FROM log WHERE after_digest IS NOT NULL"
)
NAMED = _NAMED.format(all="")
UNNAMED = (
    "SELECT digest FROM content WHERE saved < ? AND digest NOT IN (SELECT digest FROM purged_content)"  # noqa: S608 - a constant
    f" AND digest NOT IN (SELECT digest FROM ({_NAMED.format(all=' ALL')}) AS named)"
)
NAMED_SINCE = "SELECT before_digest, after_digest FROM log WHERE seq > ?"
NAMED_SINCE_WITH_SEQ = "SELECT seq, before_digest, after_digest FROM log WHERE seq > ? ORDER BY seq"

_POD = (
    "SELECT pod.root, pod.name, pod.account, pod.created, pod.closed, pod_owner.webid FROM pod"
    " LEFT JOIN pod_owner ON pod_owner.root = pod.root"
)
PODS = f"{_POD} ORDER BY pod.root, pod_owner.webid"
POD = f"{_POD} WHERE pod.root = ? ORDER BY pod_owner.webid"
PODS_OF = f"{_POD} WHERE pod.account = ? ORDER BY pod.root, pod_owner.webid"
FORMER = "SELECT root, name, seq, begun, done IS NOT NULL FROM former_pod WHERE root = ?"
FORMERS = "SELECT root, name, seq, begun, done IS NOT NULL FROM former_pod ORDER BY root"
UNFINISHED = "SELECT root FROM former_pod WHERE done IS NULL ORDER BY root"
_HAS_POD = "SELECT 1 FROM pod WHERE root = ? OR name = ? UNION ALL SELECT 1 FROM former_pod WHERE root = ? OR name = ?"
_CLOSED = "SELECT root FROM pod WHERE closed = 1 UNION ALL SELECT root FROM former_pod WHERE done IS NULL"
_SET_CLOSED = "UPDATE pod SET closed = ? WHERE root = ?"
_REMOVE_POD = "DELETE FROM pod WHERE root = ?"
_ADD_FORMER = "INSERT INTO former_pod (root, name, seq, begun) VALUES (?, ?, ?, ?)"
_ADD_POD = "INSERT INTO pod (root, name, account, created) VALUES (?, ?, ?, ?)"
_ADD_OWNER = "INSERT INTO pod_owner (root, webid) VALUES (?, ?)"

WITHIN = f"SELECT {_COLUMNS} FROM resource WHERE uri >= ? AND uri > ? AND uri < ? ORDER BY uri LIMIT ?"  # noqa: S608 - a constant
USAGE = "SELECT coalesce(sum(size), 0), count(*) FROM resource WHERE uri >= ? AND uri < ?"

FORMER_DONE = "SELECT 1 FROM former_pod WHERE root = ? AND done IS NOT NULL"
FORMER_BEGUN = "SELECT begun FROM former_pod WHERE root = ?"
FINISH_FORMER = "UPDATE former_pod SET done = ? WHERE root = ? AND done IS NULL"
PURGED = "SELECT resources, entries, contents, bytes FROM former_pod WHERE root = ?"
COUNT_RESOURCES = "UPDATE former_pod SET resources = resources + ? WHERE root = ?"
COUNT_ENTRIES = "UPDATE former_pod SET entries = entries + ? WHERE root = ?"
COUNT_CONTENTS = "UPDATE former_pod SET contents = contents + ?, bytes = bytes + ? WHERE root = ?"
CONTENTS_WITHIN = "SELECT uri, digest, size FROM resource WHERE uri >= ? AND uri < ? ORDER BY uri LIMIT ?"
ENTRIES_WITHIN = (
    "SELECT seq, before_digest, before_size, after_digest, after_size FROM log WHERE seq > ? AND uri >= ? AND uri < ?"
    " AND seq < (SELECT seq FROM former_pod WHERE root = ?) ORDER BY seq LIMIT ?"
)
REMOVE_ENTRY = "DELETE FROM log WHERE seq = ?"
ADD_PURGED_CONTENT = (
    "INSERT INTO purged_content (root, digest, size) VALUES (?, ?, ?) ON CONFLICT (root, digest) DO NOTHING"
)
PURGED_CONTENTS = "SELECT digest FROM purged_content WHERE root = ? LIMIT ?"
PURGED_DIGESTS = "SELECT digest FROM purged_content"
FORGET_CONTENT = "DELETE FROM purged_content WHERE root = ? AND digest = ?"
UNNEEDED = (
    "SELECT digest, size FROM purged_content WHERE root = ? AND digest > ?"  # noqa: S608 - a constant
    f" AND digest NOT IN (SELECT digest FROM ({_NAMED.format(all=' ALL')}) AS named) ORDER BY digest LIMIT ?"
)

PLACES = "SELECT uri, kind, parent FROM resource"
_PLACE = "SELECT parent FROM resource WHERE uri = ?"
_MOVE = "UPDATE resource SET kind = ?, parent = ? WHERE uri = ?"
UNLOGGED = (
    "SELECT resource.uri FROM resource LEFT JOIN log ON log.seq = resource.revision AND log.uri = resource.uri"
    " WHERE log.seq IS NULL"
)
HISTORIES = f"SELECT {_ENTRY} FROM log ORDER BY uri, seq"  # noqa: S608 - a constant
_HISTORY = f"SELECT {_ENTRY} FROM log WHERE uri = ? ORDER BY seq DESC LIMIT 1"  # noqa: S608 - a constant
TIMES = "SELECT seq, commit_seq, time FROM log ORDER BY seq"

RECORD = "SELECT value FROM record WHERE family = ? AND key = ? AND (expires IS NULL OR expires > ?)"
PUT_RECORD = (
    "INSERT INTO record (family, key, value, expires) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (family, key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
REMOVE_RECORD = "DELETE FROM record WHERE family = ? AND key = ?"
RECORD_KEYS = "SELECT key FROM record WHERE family = ? AND (expires IS NULL OR expires > ?) ORDER BY key"
RECORDS_BELOW = (
    "SELECT key, value FROM record WHERE family = ? AND key >= ? AND key < ?"
    " AND (expires IS NULL OR expires > ?) ORDER BY key"
)
SWEEP_RECORDS = "DELETE FROM record WHERE expires <= ?"

_KINDS = {str(kind): kind for kind in Kind}
_HAPPENINGS = {str(happening): happening for happening in Happening}


def resource(row: Row) -> Resource:
    """The resource of a row of RESOURCE."""
    uri, kind, media_type, digest, size, revision, stamp, listing, created, modified, shared = row
    if kind not in _KINDS:
        raise Damaged(f"{uri} is kept as what is no kind of resource.")
    blob = Blob(digest, size)
    return Resource(
        uri, _KINDS[kind], media_type, blob, revision, stamp, listing, created, modified, shared_second=shared == 1
    )


def children(rows: Iterable[Row]) -> list[Child]:
    """What the rows of CHILDREN tell. Spelled out, since there may be many thousands."""
    kinds, new = _KINDS, tuple.__new__
    return [new(Child, (uri, kinds[kind], media_type, size, time)) for uri, kind, media_type, size, time in rows]


def entry(row: Row) -> Entry:
    """The log entry of a row of LOG."""
    seq, commit, uri, kind, happening, media_type, agent, client, digest, size, digest_after, size_after, time = row
    before = None if digest is None else Blob(digest, size)
    after = None if digest_after is None else Blob(digest_after, size_after)
    return Entry(seq, commit, uri, _KINDS[kind], _HAPPENINGS[happening], media_type, agent, client, before, after, time)


def news(row: Row) -> tuple[Uri, Kind, Happening]:
    """What a row of NEWS tells."""
    return row[1], _KINDS[row[2]], _HAPPENINGS[row[3]]


def pods(rows: Iterable[Row]) -> list[Pod]:
    """The pods of the rows of PODS or POD: a row for each owner."""
    found: dict[Uri, Pod] = {}
    for root, name, account, created, closed, webid in rows:
        owners = found[root].owners if root in found else ()
        found[root] = Pod(root, name, owners if webid is None else (*owners, webid), account, created, closed == 1)
    return list(found.values())


def former(row: Row) -> Former:
    """The removed pod of a row of FORMER or FORMERS."""
    root, name, seq, begun, done = row
    return Former(root, name, seq, begun, done == 1)


class Cursor(Protocol):
    """What a statement gives."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:  # Any: as in Row
        """The next row, or None."""

    def __iter__(self) -> Iterator[Any]:  # Any: as above
        """The rows that are left."""


Execute = Callable[[str, Values], Cursor]


class SqlRows:
    """The rows of one transaction, which is open on the connection behind `execute`.

    What was read stays in memory until its end: nobody else writes meanwhile.
    """

    def __init__(self, execute: Execute, has_file: Callable[[str], bool]) -> None:
        self.execute = execute
        self.listings: dict[Uri, int] = {}
        self._has_file = has_file
        self._known: dict[Uri, Resource | None] = {}
        self._head: tuple[int, int] | None = None
        self._closed: tuple[Uri, ...] | None = None

    def row(self, query: str, *values: str | int) -> Row | None:
        """The first row."""
        found: Row | None = self.execute(query, values).fetchone()
        return found

    def count(self, statement: str, *values: str | int) -> int:
        """How many rows the statement changed."""
        return self.execute(statement, values).rowcount

    def get(self, uri: Uri) -> Resource | None:
        """See Rows."""
        if uri in self._known:
            return self._known[uri]
        row = self.row(RESOURCE, uri)
        found = self._known[uri] = None if row is None else resource(row)
        return found

    def has_children(self, uri: Uri, besides: frozenset[Uri]) -> bool:
        """See Rows."""
        return any(row[0] not in besides for row in self.execute(_CHILD_URIS, (uri,)))

    def has_pod(self, pod: Pod) -> bool:
        """See Rows."""
        return self.row(_HAS_POD, pod.root, pod.name, pod.root, pod.name) is not None

    def closed(self) -> tuple[Uri, ...]:
        """See Rows."""
        if self._closed is None:
            self._closed = tuple(row[0] for row in self.execute(_CLOSED, ()))
        return self._closed

    def holds(self, blob: Blob) -> bool:
        """See Rows."""
        if blob.size > INLINE_LIMIT:
            return self._has_file(blob.digest)
        return self.row(_HAS_CONTENT, blob.digest) is not None

    def head(self) -> tuple[int, int]:
        """See Rows."""
        if self._head is None:
            row = self.row(HEAD)
            self._head = (0, 0) if row is None else (row[0], row[1])
        return self._head

    def deleted(self, uri: Uri) -> int:
        """See Rows."""
        row = self.row(_DELETED, uri)
        return 0 if row is None else row[0]

    def put(self, one: Resource, parent: Uri | None, *, new: bool) -> None:
        """See Rows."""
        blob, shared = one.blob, int(one.shared_second)
        times = (one.touched, one.created, one.modified, shared)
        values = (str(one.kind), one.media_type, blob.digest, blob.size, one.revision, one.stamp, *times)
        if new:
            self.execute(_INSERT, (one.uri, *values, parent))
        else:
            self.execute(_UPDATE, (*values, one.uri))
        self._known[one.uri] = one

    def remove(self, uri: Uri) -> None:
        """See Rows."""
        self.execute(_REMOVE, (uri,))
        self._known[uri] = None

    def touch(self, container: Resource) -> None:
        """See Rows."""
        shared = int(container.shared_second)
        self.execute(_TOUCH, (container.touched, container.modified, shared, container.uri))
        self._known[container.uri] = container

    def append(self, one: Entry) -> None:
        """See Rows."""
        before = (None, None) if one.before is None else (one.before.digest, one.before.size)
        after = (None, None) if one.after is None else (one.after.digest, one.after.size)
        what = (one.seq, one.commit, one.uri, str(one.kind), str(one.happening), one.media_type)
        self.execute(_APPEND, (*what, one.agent, one.client, *before, *after, one.time))
        self._head = (one.seq, one.time)

    def keep(self, staged: Staged, time: int) -> None:
        """See Rows."""
        if staged.inline is not None:
            self.execute(_KEEP, (staged.blob.digest, staged.inline, time))

    def add_pod(self, pod: Pod) -> None:
        """See Rows."""
        self.execute(_ADD_POD, (pod.root, pod.name, pod.account, pod.created))
        for webid in pod.owners:
            self.execute(_ADD_OWNER, (pod.root, webid))

    def pod_at(self, root: Uri) -> Pod | None:
        """See LeavingRows."""
        return next(iter(pods(self.execute(POD, (root,)))), None)

    def set_closed(self, root: Uri, closed: bool) -> None:
        """See LeavingRows."""
        self.execute(_SET_CLOSED, (int(closed), root))
        self._closed = None

    def retire(self, one: Former) -> None:
        """See LeavingRows."""
        self.execute(_REMOVE_POD, (one.root,))
        self.execute(_ADD_FORMER, (one.root, one.name, one.seq, one.begun))
        self._closed = None

    def has_former(self, root: Uri) -> bool:
        """See LeavingRows."""
        return self.row(FORMER, root) is not None

    def move(self, uri: Uri, kind: Kind, parent: Uri | None) -> Uri | None:
        """See MendableRows."""
        row = self.row(_PLACE, uri)
        self.execute(_MOVE, (str(kind), parent, uri))
        self._known.pop(uri, None)
        return None if row is None else row[0]

    def latest(self, uri: Uri) -> Entry | None:
        """See MendableRows."""
        row = self.row(_HISTORY, uri)
        return None if row is None else entry(row)
