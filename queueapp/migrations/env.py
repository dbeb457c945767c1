"""Alembic's environment: the application's own engine and tables, on either database."""

from alembic import context
from flask import current_app

from queueapp.models import db


def run() -> None:
    """Migrate on the application's engine, one process at a time."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Two processes starting together take turns; the second finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_lock(7120461)")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_unlock(7120461)")
            connection.commit()


if current_app:
    run()
