"""Alembic's own comparison, a tenant at a time: what metadata declares against what the database has, defaults aside (it fails on one of char). Prints seconds a tenant, and for each how many differences it found."""
import os
import time

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, pool, text

tenants = open(os.environ["BENCH_TENANTS"]).read().split()
engine = create_engine(os.environ["BENCH_URL"], poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")


def enter(connection, tenant):
    connection.execute(text(f'SET search_path = "{tenant}"'))
    connection.dialect.default_schema_name = tenant


with engine.connect() as connection:
    enter(connection, tenants[0])
    metadata = MetaData()
    metadata.reflect(connection)
    found = []
    started = time.perf_counter()
    for tenant in tenants:
        enter(connection, tenant)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found.append(len(compare_metadata(context, metadata)))
        seconds = (time.perf_counter() - started) / len(tenants)
print(f"seconds={seconds:.4f}")
print(f"differences={' '.join(map(str, found))}")
