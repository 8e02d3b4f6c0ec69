-- Those of some functions that are not there.
SELECT coalesce(pg_catalog.array_agg(f), '{}') FROM pg_catalog.unnest($1::pg_catalog.text[]) f WHERE pg_catalog.to_regprocedure(f) IS NULL
