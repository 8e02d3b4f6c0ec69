SELECT h.scope, h.schema, h.revision, h.schema_oid, h.changed_at
FROM @history@.head h
WHERE h.fleet = $1 AND (h.scope = 'shared' AND h.schema = $2 OR h.scope = 'tenant' AND h.schema = ANY ($3))
ORDER BY h.schema, h.revision COLLATE "C"
