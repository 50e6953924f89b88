"""The tables of the chat's file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, timezone TEXT NOT NULL, has_left INTEGER NOT NULL,
    domain TEXT NOT NULL DEFAULT '', locale TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS places (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT REFERENCES places, owner TEXT,
    roles TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS guests (
    place TEXT NOT NULL REFERENCES places, person TEXT NOT NULL REFERENCES people, PRIMARY KEY (place, person)
);
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL REFERENCES places, author TEXT NOT NULL,
    text TEXT NOT NULL, card TEXT, private TEXT, pings TEXT NOT NULL, nonce TEXT UNIQUE,
    edited INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL, edited_at TEXT
);
CREATE INDEX IF NOT EXISTS messages_by_place ON messages (place, number);
CREATE TABLE IF NOT EXISTS former_cards (message INTEGER NOT NULL REFERENCES messages, card TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS former_cards_by_message ON former_cards (message);
CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS reactions (
    message INTEGER NOT NULL REFERENCES messages, emoji TEXT NOT NULL, person TEXT NOT NULL,
    UNIQUE (message, emoji, person)
);
CREATE TABLE IF NOT EXISTS forms (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, place TEXT NOT NULL, call TEXT NOT NULL, fields TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS seen (
    person TEXT NOT NULL, place TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (person, place)
);
CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), seconds REAL NOT NULL);
CREATE VIEW IF NOT EXISTS rooms AS
    SELECT places.*, (SELECT json_group_array(person) FROM guests WHERE place IN (places.id, parent)) AS guests
    FROM places;
CREATE VIEW IF NOT EXISTS entries AS
    SELECT messages.*, thread.id AS thread,
        (SELECT count(*) FROM messages AS reply WHERE reply.place = thread.id AND reply.private IS NULL) AS replies,
        (SELECT max(at) FROM messages AS reply WHERE reply.place = thread.id AND reply.private IS NULL) AS replied,
        (SELECT json_group_array(json_array(emoji, person))
            FROM (SELECT * FROM reactions WHERE message = messages.number ORDER BY rowid)) AS reactions
    FROM messages LEFT JOIN places AS thread ON thread.id = 't-m' || messages.number;
"""

PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
"""What is written outlives this process, however it ends; the last of it may be lost when the machine loses power."""
