-- When a removal was begun that is not at its end.
SELECT t.schema, t.schema_oid, t.removal_begun FROM @history@.tenant t
WHERE t.fleet = $1 AND t.removal_begun IS NOT NULL AND ($2::pg_catalog.text[] IS NULL OR t.schema = ANY ($2))
