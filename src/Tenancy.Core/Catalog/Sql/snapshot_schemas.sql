-- The schemas $1 (names), each with its own search_path while its objects are read: own names are printed bare, all others with their schema. OFFSET 0 keeps the path from
-- being set at another time than when the row is taken.
SELECT n.oid, n.nspname, n.nspowner AS owner, n.nspacl,
  pg_catalog.set_config('search_path', pg_catalog.quote_ident(n.nspname) || ', pg_catalog, pg_temp', true) AS path
FROM unnest($1::name[]) AS wanted(name) JOIN pg_namespace n ON n.nspname = wanted.name
OFFSET 0
