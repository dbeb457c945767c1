"""Video rooms, and the meeting a visitor is called to.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT_COUNTER = sa.text("state IN ('called', 'serving')")


def upgrade() -> None:
    """To this version."""
    # Adding columns that may be empty rewrites no row: quick on either database.
    op.add_column("ticket", sa.Column("room", sa.String(length=60), nullable=True))
    op.add_column("ticket", sa.Column("meeting", sa.String(length=300), nullable=True))
    _kinds("kiosk", "display", "room", "staff", "invitation")
    op.create_index(
        "uq_ticket_in_room",
        "ticket",
        ["room"],
        unique=True,
        postgresql_where=AT_COUNTER,
        sqlite_where=AT_COUNTER,
    )


def _kinds(*kinds: str) -> None:
    """Let a credential be of these kinds; SQLite copies the small table for it."""
    with op.batch_alter_table("credential") as batch:
        batch.drop_constraint("ck_credential_kind", type_="check")
        named = ", ".join(f"'{kind}'" for kind in kinds)
        batch.create_check_constraint("ck_credential_kind", f"kind IN ({named})")


def downgrade() -> None:
    """Back to the version before."""
    op.drop_index("uq_ticket_in_room", table_name="ticket")
    op.execute("DELETE FROM credential WHERE kind = 'room'")
    _kinds("kiosk", "display", "staff", "invitation")
    op.drop_column("ticket", "meeting")
    op.drop_column("ticket", "room")
