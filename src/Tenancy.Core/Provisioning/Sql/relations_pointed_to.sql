-- Relations of other schemas that keys of schema $1 point to, or that its tables inherit from: making these locks them.
SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text
FROM (SELECT k.confrelid AS oid, k.connamespace AS own FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'
  UNION SELECT i.inhparent, h.relnamespace FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class h ON h.oid = i.inhrelid) r
JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.own = (SELECT o.oid FROM pg_catalog.pg_namespace o WHERE o.nspname = $1) AND c.relnamespace <> r.own
