"""Questions that only their asker and support see.

Code that does not know of them would post them where everyone reads, so none that is older may start.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.compatibility import no_older_than

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("questions", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    # What somebody has begun to ask support has not been posted yet: it goes there alone.
    op.execute(
        "UPDATE questions SET private = true"
        " WHERE state IN ('draft', 'following') AND audience = 'agents' AND origin IS NULL"
    )
    no_older_than(revision)


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
