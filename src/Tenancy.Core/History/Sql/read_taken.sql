-- Whether a schema is there, and what fleet has a tenant in it.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = $1),
  (SELECT min(k.fleet) FROM (SELECT t.fleet FROM @history@.tenant t WHERE t.schema = $1
    UNION SELECT h.fleet FROM @history@.head h WHERE h.scope = 'tenant' AND h.schema = $1
    UNION SELECT s.fleet FROM @history@.stage s WHERE s.scope = 'tenant' AND s.schema = $1) k)
