-- Pods by account, pods that are closed, and pods that were removed.

CREATE INDEX pod_account ON pod (account);

-- 1: its account is to be deleted, and until then nothing in it is there for anyone.
ALTER TABLE pod ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;

CREATE INDEX pod_closed ON pod (root) WHERE closed = 1;

-- Every pod that was removed, for ever, so that nobody else gets its name and thereby its WebIDs.
CREATE TABLE former_pod (
    root      TEXT PRIMARY KEY NOT NULL,
    name      TEXT NOT NULL UNIQUE,
    -- The entry of the log that tells of its end; all others about it go.
    seq       BIGINT NOT NULL,
    begun     BIGINT NOT NULL,
    -- NULL while some of it is still there.
    done      BIGINT,
    resources BIGINT NOT NULL DEFAULT 0,
    entries   BIGINT NOT NULL DEFAULT 0,
    contents  BIGINT NOT NULL DEFAULT 0,
    bytes     BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX former_pod_unfinished ON former_pod (root) WHERE done IS NULL;

-- What rows of a removed pod named: to go as well, unless something else names it.
CREATE TABLE purged_content (
    root   TEXT NOT NULL,
    digest TEXT NOT NULL,
    size   BIGINT NOT NULL,
    PRIMARY KEY (root, digest)
);
