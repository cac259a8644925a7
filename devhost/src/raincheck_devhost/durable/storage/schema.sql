CREATE TABLE IF NOT EXISTS instances (
    instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    generation INTEGER, input TEXT, output TEXT, custom_status TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;

-- One row per event, as it stands in the payload of an orchestration trigger, IsPlayed included.
CREATE TABLE IF NOT EXISTS history (
    instance_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, seq)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT, event TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_of ON messages (instance_id);

CREATE TABLE IF NOT EXISTS activities (
    item_id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL, started_at TEXT
);

CREATE TABLE IF NOT EXISTS timers (
    item_id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL, fire_at TEXT NOT NULL, made_at TEXT NOT NULL, visible_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_of ON timers (instance_id);
