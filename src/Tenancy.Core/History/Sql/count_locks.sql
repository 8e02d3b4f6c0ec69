-- Entries of the lock table that this backend has: in all, and those of relations that other schemas' parts meet too. The fast path counts: it has room for few, and many tenants fill it.
SELECT count(*), count(*) FILTER (WHERE l.is_common) FROM (
  SELECT DISTINCT k.locktype, k.database, k.relation, k.page, k.tuple, k.virtualxid, k.transactionid::pg_catalog.text, k.classid, k.objid, k.objsubid,
      coalesce(c.relnamespace <> $1::pg_catalog.text::pg_catalog.oid AND c.relnamespace <> 'pg_toast'::pg_catalog.regnamespace, false) AS is_common
    FROM pg_catalog.pg_locks k LEFT JOIN pg_catalog.pg_class c ON k.locktype = 'relation' AND c.oid = k.relation
    WHERE k.pid = pg_catalog.pg_backend_pid()) l
