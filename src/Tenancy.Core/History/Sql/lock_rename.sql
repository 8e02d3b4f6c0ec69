-- The other names that a rename is about: the schema in other fleets of this history, and the new one in all of them. Only tried, like every lock; as one try where both are the same.
SELECT @history@.lock(f.fleet, 'tenant', n.name)
FROM (SELECT $1::pg_catalog.text AS fleet UNION SELECT t.fleet FROM @history@.tenant t WHERE t.schema IN ($2, $3)
  UNION SELECT h.fleet FROM @history@.head h WHERE h.scope = 'tenant' AND h.schema IN ($2, $3)) f
CROSS JOIN (VALUES ($2::pg_catalog.text), ($3)) AS n (name)
