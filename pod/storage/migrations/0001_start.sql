-- Resources, their content, the log, pods and records.

CREATE TABLE resource (
    uri           TEXT PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('container', 'document', 'policy', 'description')),
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
    digest TEXT PRIMARY KEY NOT NULL,
    bytes  BLOB NOT NULL,
    saved  BIGINT NOT NULL
);

-- The newest entry always stays: the next one counts on from it.
CREATE TABLE log (
    seq           INTEGER PRIMARY KEY,
    commit_seq    BIGINT NOT NULL,
    uri           TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('container', 'document', 'policy', 'description')),
    happening     TEXT NOT NULL CHECK (happening IN ('create', 'update', 'delete')),
    media_type    TEXT NOT NULL,
    agent         TEXT,
    client        TEXT,
    before_digest TEXT,
    before_size   BIGINT,
    after_digest  TEXT,
    after_size    BIGINT,
    time          BIGINT NOT NULL
);

-- Whether and when there was something before what is created.
CREATE INDEX log_deleted ON log (uri, seq) WHERE happening = 'delete';

CREATE TABLE pod (
    root    TEXT PRIMARY KEY NOT NULL,
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
