"""What a migration notes that takes away or renames what older code works with."""

from alembic import op
from sqlalchemy import column, table, update

_compatibility = table("compatibility", column("lowest"))


def no_older_than(revision: str) -> None:
    """Let no process start any more that knows no revision as new as this. `storage.tables.LOWEST` says so too."""
    op.execute(update(_compatibility).values(lowest=revision))
