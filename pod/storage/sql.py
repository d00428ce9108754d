"""Every query, in SQL that SQLite and PostgreSQL both understand."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence

from pod.model.change import Entry, Happening
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri

Value = str | int | bytes | None
Row = Sequence[Value]

_COLUMNS = "uri, kind, media_type, digest, size, revision, stamp, touched, created, modified, shared_second"
RESOURCE = f"SELECT {_COLUMNS} FROM resource WHERE uri = ?"  # noqa: S608 - a constant
CHILDREN = f"SELECT {_COLUMNS} FROM resource WHERE parent = ? ORDER BY uri"  # noqa: S608 - a constant
HAS_CHILDREN = "SELECT 1 FROM resource WHERE parent = ? LIMIT 1"
LAST_TIME_OF = "SELECT time FROM log WHERE uri = ? ORDER BY seq DESC LIMIT 1"
LAST_TIME = "SELECT time FROM log ORDER BY seq DESC LIMIT 1"
LAST_SEQ = "SELECT seq FROM log ORDER BY seq DESC LIMIT 1"
PUT = (
    f"INSERT INTO resource ({_COLUMNS}, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
    " ON CONFLICT (uri) DO UPDATE SET kind = excluded.kind, media_type = excluded.media_type,"
    " digest = excluded.digest, size = excluded.size, revision = excluded.revision,"
    " stamp = excluded.stamp, touched = excluded.touched, modified = excluded.modified,"
    " shared_second = excluded.shared_second"
)
REMOVE = "DELETE FROM resource WHERE uri = ?"
TOUCH = "UPDATE resource SET touched = ?, modified = ? WHERE uri = ?"
_LOGGED = (
    "commit_seq, uri, kind, happening, media_type, agent, client,"
    " before_digest, before_size, after_digest, after_size, time"
)
APPEND = f"INSERT INTO log ({_LOGGED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - a constant
FIRST_OF_COMMIT = "UPDATE log SET commit_seq = seq WHERE seq = ?"
LOG = f"SELECT seq, {_LOGGED} FROM log WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - a constant
KEEP = "INSERT INTO content (digest, bytes, saved) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"
CONTENT = "SELECT bytes FROM content WHERE digest = ?"
PODS = (
    "SELECT pod.root, pod.name, pod.account, pod.created, pod_owner.webid FROM pod"
    " JOIN pod_owner ON pod_owner.root = pod.root ORDER BY pod.root, pod_owner.webid"
)
ADD_POD = "INSERT INTO pod (root, name, account, created) VALUES (?, ?, ?, ?)"
ADD_OWNER = "INSERT INTO pod_owner (root, webid) VALUES (?, ?)"
NAMED_DIGESTS = (
    "SELECT digest FROM resource UNION SELECT before_digest FROM log WHERE before_digest IS NOT NULL"
    " UNION SELECT after_digest FROM log WHERE after_digest IS NOT NULL"
)
SWEEP = f"DELETE FROM content WHERE saved < ? AND digest NOT IN ({NAMED_DIGESTS})"  # noqa: S608 - a constant
OF_KIND = "SELECT uri FROM resource WHERE kind = ? ORDER BY uri"
PLACES = "SELECT uri, kind, parent FROM resource"
UNLOGGED = (
    "SELECT resource.uri FROM resource LEFT JOIN log ON log.seq = resource.revision AND log.uri = resource.uri"
    " WHERE log.after_digest IS NULL OR log.after_digest <> resource.digest"
)
RECORD = "SELECT value FROM record WHERE family = ? AND key = ? AND (expires IS NULL OR expires > ?)"
PUT_RECORD = (
    "INSERT INTO record (family, key, value, expires) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (family, key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
REMOVE_RECORD = "DELETE FROM record WHERE family = ? AND key = ?"
RECORD_KEYS = "SELECT key FROM record WHERE family = ? AND (expires IS NULL OR expires > ?) ORDER BY key"

Execute = Callable[[str, Sequence[Value]], sqlite3.Cursor]


def resource(row: Row) -> Resource:
    """The resource of a row of `_COLUMNS`."""
    uri, kind, media_type, digest, size, revision, stamp, touched, created, modified, shared = row
    return Resource(
        Uri(uri),  # type: ignore[arg-type]  # the columns have these types
        _KINDS[kind],  # type: ignore[index]  # as above
        media_type,  # type: ignore[arg-type]  # as above
        Blob(digest, size),  # type: ignore[arg-type]  # as above
        revision,  # type: ignore[arg-type]  # as above
        stamp,  # type: ignore[arg-type]  # as above
        touched,  # type: ignore[arg-type]  # as above
        created,  # type: ignore[arg-type]  # as above
        modified,  # type: ignore[arg-type]  # as above
        bool(shared),
    )


_KINDS = {str(kind): kind for kind in Kind}


def entry(row: Sequence[object]) -> Entry:
    """The log entry of a row of LOG."""
    seq, commit, uri, kind, happening, media_type, agent, client, b_digest, b_size, a_digest, a_size, time = row
    return Entry(
        seq=seq,  # type: ignore[arg-type]  # the columns have these types
        commit=commit,  # type: ignore[arg-type]  # as above
        uri=Uri(uri),  # type: ignore[arg-type]  # as above
        kind=Kind(str(kind)),
        happening=Happening(str(happening)),
        media_type=str(media_type),
        agent=agent,  # type: ignore[arg-type]  # as above
        client=client,  # type: ignore[arg-type]  # as above
        before=None if b_digest is None else Blob(b_digest, b_size),  # type: ignore[arg-type]  # as above
        after=None if a_digest is None else Blob(a_digest, a_size),  # type: ignore[arg-type]  # as above
        time=time,  # type: ignore[arg-type]  # as above
    )


def pods(rows: Iterable[Sequence[object]]) -> list[Pod]:
    """The pods of the rows of PODS: a row for each owner."""
    found: dict[Uri, Pod] = {}
    for root, name, account, created, webid in rows:
        key = Uri(str(root))
        owners = (*found[key].owners, str(webid)) if key in found else (str(webid),)
        found[key] = Pod(key, str(name), owners, str(account), int(str(created)))
    return list(found.values())


class SqlRows:
    """The rows of a transaction that is open on the connection behind `execute`."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._now = 0

    def at(self, now: int) -> "SqlRows":
        """These rows, for a change at the time `now`."""
        self._now = now
        return self

    def get(self, uri: Uri) -> Resource | None:
        """See Rows."""
        row = self._execute(RESOURCE, (uri,)).fetchone()
        return None if row is None else resource(row)

    def has_children(self, uri: Uri) -> bool:
        """See Rows."""
        return self._execute(HAS_CHILDREN, (uri,)).fetchone() is not None

    def last_time(self, uri: Uri | None) -> int:
        """See Rows."""
        found = self._execute(LAST_TIME, ()) if uri is None else self._execute(LAST_TIME_OF, (uri,))
        row = found.fetchone()
        return 0 if row is None else int(row[0])

    def put(self, one: Resource, parent: Uri | None) -> None:
        """See Rows."""
        self._execute(
            PUT,
            (
                one.uri,
                str(one.kind),
                one.media_type,
                one.blob.digest,
                one.blob.size,
                one.revision,
                one.stamp,
                one.touched,
                one.created,
                one.modified,
                int(one.shared_second),
                parent,
            ),
        )

    def remove(self, uri: Uri) -> None:
        """See Rows."""
        self._execute(REMOVE, (uri,))

    def touch(self, container: Uri, touched: int, modified: int) -> None:
        """See Rows."""
        self._execute(TOUCH, (touched, modified, container))

    def append(self, one: Entry) -> int:
        """See Rows."""
        before, after = one.before, one.after
        cursor = self._execute(
            APPEND,
            (
                one.commit,
                one.uri,
                str(one.kind),
                str(one.happening),
                one.media_type,
                one.agent,
                one.client,
                before.digest if before else None,
                before.size if before else None,
                after.digest if after else None,
                after.size if after else None,
                one.time,
            ),
        )
        seq = cursor.lastrowid or 0
        if one.commit == 0:
            self._execute(FIRST_OF_COMMIT, (seq,))
        return seq

    def keep(self, staged: Staged) -> None:
        """See Rows."""
        if staged.inline is not None:
            self._execute(KEEP, (staged.blob.digest, staged.inline, self._now))

    def add_pod(self, pod: Pod) -> None:
        """See Rows."""
        self._execute(ADD_POD, (pod.root, pod.name, pod.account, pod.created))
        for webid in pod.owners:
            self._execute(ADD_OWNER, (pod.root, webid))
