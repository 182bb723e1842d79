"""The index beside the search entries: FTS5 kept by triggers on SQLite, a stored tsvector with GIN on PostgreSQL."""

from django.db import migrations

SQLITE = [
    """CREATE VIRTUAL TABLE experiments_search_fts USING fts5(
        body, content='experiments_searchentry', content_rowid='task_id', tokenize='porter unicode61 remove_diacritics 2')""",
    "INSERT INTO experiments_search_fts(experiments_search_fts) VALUES ('rebuild')",
    """CREATE TRIGGER experiments_search_insert AFTER INSERT ON experiments_searchentry BEGIN
        INSERT INTO experiments_search_fts(rowid, body) VALUES (new.task_id, new.body); END""",
    """CREATE TRIGGER experiments_search_delete AFTER DELETE ON experiments_searchentry BEGIN
        INSERT INTO experiments_search_fts(experiments_search_fts, rowid, body) VALUES ('delete', old.task_id, old.body); END""",
    """CREATE TRIGGER experiments_search_update AFTER UPDATE ON experiments_searchentry BEGIN
        INSERT INTO experiments_search_fts(experiments_search_fts, rowid, body) VALUES ('delete', old.task_id, old.body);
        INSERT INTO experiments_search_fts(rowid, body) VALUES (new.task_id, new.body); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER experiments_search_insert",
    "DROP TRIGGER experiments_search_delete",
    "DROP TRIGGER experiments_search_update",
    "DROP TABLE experiments_search_fts",
]
POSTGRESQL = [
    """ALTER TABLE experiments_searchentry ADD COLUMN document tsvector
        GENERATED ALWAYS AS (to_tsvector('english', body)) STORED""",
    "CREATE INDEX experiments_search_document ON experiments_searchentry USING gin (document)",
]
POSTGRESQL_BACK = ["ALTER TABLE experiments_searchentry DROP COLUMN document"]


def run(schema_editor, sqlite, postgresql):
    for statement in sqlite if schema_editor.connection.vendor == "sqlite" else postgresql:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: run(schema_editor, SQLITE, POSTGRESQL),
            lambda apps, schema_editor: run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK),
        )
    ]
