"""The loop that the seed's users have: schema_translate_map, each tenant in a transaction of its own. Prints its seconds, without the start of Python."""
import os
import time

from alembic import context
from sqlalchemy import create_engine, pool

tenants = open(os.environ["BENCH_TENANTS"]).read().split()
engine = create_engine(os.environ["BENCH_URL"], poolclass=pool.NullPool)
started = time.perf_counter()
with engine.connect() as connection:
    for tenant in tenants:
        translated = connection.execution_options(schema_translate_map={"tenant_schema": tenant})
        context.configure(connection=translated, target_metadata=None, version_table_schema=tenant)
        with context.begin_transaction():
            context.run_migrations()
print(f"seconds={time.perf_counter() - started:.3f}")
