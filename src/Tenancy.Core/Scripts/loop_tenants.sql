-- The schemas that match the pattern $2 and none of $3 (reserved names) or $4 (patterns of them), and where each is: its heads in "C" order with spaces between, with what is in progress.
SELECT n.nspname::pg_catalog.text AS schema,
  coalesce((SELECT pg_catalog.string_agg(h.revision, ' ' ORDER BY h.revision COLLATE "C") FROM @history@.head h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = n.nspname), '')
    || coalesce((SELECT pg_catalog.min(' in the middle of ' || s.revision) FROM @history@.stage s WHERE s.fleet = $1 AND s.scope = 'tenant' AND s.schema = n.nspname), '') AS state
FROM pg_catalog.pg_namespace n
WHERE n.nspname ~ $2 AND n.nspname::pg_catalog.text <> ALL ($3) AND n.nspname !~ $4
