-- The tenants' schemas that the history knows, with the names that they are registered under; null where one is not registered.
SELECT k.schema, t.name FROM (
  SELECT r.schema FROM @history@.tenant r WHERE r.fleet = $1
  UNION SELECT h.schema FROM @history@.head h WHERE h.fleet = $1 AND h.scope = 'tenant'
  UNION SELECT s.schema FROM @history@.stage s WHERE s.fleet = $1 AND s.scope = 'tenant') k
LEFT JOIN @history@.tenant t ON t.fleet = $1 AND t.schema = k.schema
WHERE $2 IS NULL OR k.schema = ANY ($2)
ORDER BY k.schema COLLATE "C"
