"""What offices cost, and the planner's questions and answers.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "cost",
        sa.Column("office", sa.String(length=40), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("fixed", sa.Double(), nullable=False),
        sa.Column("staff_hour", sa.Double(), nullable=False),
        sa.Column("interpreter", sa.Double(), nullable=False),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("days_done", sa.Integer(), nullable=False),
        sa.Column("days_all", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("heard_at", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'playing', 'done', 'failed', 'stopped')", name="ck_plan_state"
        ),
        sa.UniqueConstraint("token"),
    )


def downgrade() -> None:
    """Back to the version before."""
    op.drop_table("plan")
    op.drop_table("cost")
