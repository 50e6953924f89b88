"""Runs the migrations on the connection that `Database.upgrade` hands over, inside its transaction."""

from alembic import context

from storage.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=metadata,
)
context.run_migrations()
