package journal

// schemaVersion changes when a table does. A file of another version is refused.
const schemaVersion = "1"

// schema holds the tables. Exact decimals are TEXT. Whole tables are dumped by
// Digest in primary-key order, so every table has a primary key that is the
// same in two equal runs.
const schema = `
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- The sessions done so far, numbered from 0.
CREATE TABLE session (
	number INTEGER PRIMARY KEY,
	date   TEXT NOT NULL UNIQUE
);

-- One row per session and symbol: what happened, and the state afterwards.
CREATE TABLE day (
	session INTEGER NOT NULL REFERENCES session(number),
	symbol  TEXT NOT NULL,
	phase   TEXT NOT NULL,
	status  TEXT NOT NULL,
	has_bar INTEGER NOT NULL,
	open    REAL,
	close   REAL NOT NULL,
	split   REAL NOT NULL,
	cash    REAL NOT NULL,
	shares  REAL NOT NULL,
	equity  REAL NOT NULL,
	average_cost REAL NOT NULL,
	adjustments TEXT NOT NULL,
	limited TEXT NOT NULL,
	notes   TEXT NOT NULL,
	state   TEXT NOT NULL,
	PRIMARY KEY (session, symbol)
) WITHOUT ROWID;

-- The texts of prompts, by the hash of their content.
CREATE TABLE prompt (
	hash TEXT PRIMARY KEY,
	text TEXT NOT NULL
) WITHOUT ROWID;

-- One row per decision reached or missed.
CREATE TABLE decision (
	session     INTEGER NOT NULL REFERENCES session(number),
	symbol      TEXT NOT NULL,
	action      TEXT NOT NULL,
	confidence  REAL,
	reason      TEXT NOT NULL,
	failure     TEXT NOT NULL,
	inclination TEXT NOT NULL,
	query       TEXT NOT NULL,
	system_hash TEXT NOT NULL REFERENCES prompt(hash),
	prompt_hash TEXT NOT NULL REFERENCES prompt(hash),
	schema_hash TEXT NOT NULL REFERENCES prompt(hash),
	cited       TEXT NOT NULL,
	offered     TEXT NOT NULL,
	feedback    TEXT NOT NULL,
	attempts    TEXT NOT NULL,
	warnings    TEXT NOT NULL,
	reflection  TEXT NOT NULL,
	PRIMARY KEY (session, symbol)
) WITHOUT ROWID;

-- Orders by the session they were decided on; settled is the session that ended
-- them, NULL while they are open.
CREATE TABLE trade_order (
	session INTEGER NOT NULL REFERENCES session(number),
	symbol  TEXT NOT NULL,
	id      TEXT NOT NULL UNIQUE,
	body    TEXT NOT NULL,
	settled INTEGER REFERENCES session(number),
	clamped INTEGER NOT NULL DEFAULT 0,
	note    TEXT NOT NULL DEFAULT '',
	fill    TEXT,
	PRIMARY KEY (session, symbol)
) WITHOUT ROWID;

-- What was ever remembered. Never changed, never deleted.
CREATE TABLE event (
	symbol  TEXT NOT NULL,
	id      TEXT NOT NULL,
	layer   TEXT NOT NULL,
	source  TEXT NOT NULL,
	date    TEXT NOT NULL,
	text    TEXT NOT NULL,
	part    TEXT NOT NULL,
	tone    REAL,
	copies  INTEGER NOT NULL,
	vector  BLOB NOT NULL,
	PRIMARY KEY (symbol, id)
) WITHOUT ROWID;

-- What happened to each event: its state after the change. Fading between two
-- rows is not written; it is replayed, one night per session.
CREATE TABLE event_change (
	session    INTEGER NOT NULL REFERENCES session(number),
	symbol     TEXT NOT NULL,
	position   INTEGER NOT NULL,
	id         TEXT NOT NULL,
	op         TEXT NOT NULL,
	points     INTEGER NOT NULL,
	after_night INTEGER NOT NULL,
	layer      TEXT NOT NULL,
	importance REAL NOT NULL,
	recency    REAL NOT NULL,
	age        INTEGER NOT NULL,
	access     INTEGER NOT NULL,
	recalled   INTEGER NOT NULL,
	PRIMARY KEY (session, symbol, position)
) WITHOUT ROWID;
CREATE INDEX event_change_by_id ON event_change (symbol, id, session, position);
`
