-- Resources, their content, the log, pods and records.

CREATE TABLE resource (
    uri           TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    digest        TEXT NOT NULL,
    size          BIGINT NOT NULL,
    parent        TEXT,
    revision      BIGINT NOT NULL,
    stamp         BIGINT NOT NULL,
    touched       BIGINT NOT NULL,
    created       BIGINT NOT NULL,
    modified      BIGINT NOT NULL,
    shared_second INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX resource_parent ON resource (parent, uri) WHERE parent IS NOT NULL;

-- Content of at most 64 KiB; what is larger is a file.
CREATE TABLE content (
    digest TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL,
    saved  BIGINT NOT NULL
);

CREATE TABLE log (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    commit_seq    BIGINT NOT NULL,
    uri           TEXT NOT NULL,
    kind          TEXT NOT NULL,
    happening     TEXT NOT NULL,
    media_type    TEXT NOT NULL,
    agent         TEXT,
    client        TEXT,
    before_digest TEXT,
    before_size   BIGINT,
    after_digest  TEXT,
    after_size    BIGINT,
    time          BIGINT NOT NULL
);

CREATE INDEX log_uri ON log (uri, seq);

CREATE TABLE pod (
    root    TEXT PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE pod_owner (
    root  TEXT NOT NULL REFERENCES pod (root) ON DELETE CASCADE,
    webid TEXT NOT NULL,
    PRIMARY KEY (root, webid)
);

CREATE TABLE record (
    family  TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    expires BIGINT,
    PRIMARY KEY (family, key)
);
