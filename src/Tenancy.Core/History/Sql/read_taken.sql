-- Whether a schema is there, what fleet has a tenant in it, and in what other schema of this database a tenant of that name is.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = $3),
  (SELECT min(k.fleet) FROM (SELECT t.fleet FROM @history@.tenant t WHERE t.schema = $3
    UNION SELECT h.fleet FROM @history@.head h WHERE h.scope = 'tenant' AND h.schema = $3
    UNION SELECT s.fleet FROM @history@.stage s WHERE s.scope = 'tenant' AND s.schema = $3) k),
  (SELECT min(t.schema) FROM @history@.tenant t WHERE t.fleet = $1 AND t.name = $4 AND t.schema <> $2)
