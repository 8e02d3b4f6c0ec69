-- Tables that a run has left dead rows in: of the catalog and of the history schema. Those that every statement of a definition changes are taken by their size, because a backend tells
-- of what it changed up to a second late. Who may: manual, VACUUM, Notes: the table's owner, the database's owner but for what databases share, since 17 whoever has MAINTAIN.
WITH grown AS (
  SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relowner, c.relisshared, coalesce(s.n_dead_tup, 0) AS dead
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
  WHERE c.relkind = 'r' AND n.nspname IN ('pg_catalog', @history_literal@)
    AND (s.n_dead_tup >= 1000 OR s.n_mod_since_analyze >= 1000
      OR (pg_catalog.pg_relation_size(c.oid) >= 1048576
        AND (n.nspname <> 'pg_catalog' OR c.relname IN ('pg_attribute', 'pg_class', 'pg_depend', 'pg_type', 'pg_index', 'pg_constraint', 'pg_attrdef', 'pg_statistic')))))
SELECT g.name, g.dead,
  pg_catalog.pg_has_role(g.relowner, 'USAGE')
  OR (NOT g.relisshared AND pg_catalog.pg_has_role((SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()), 'USAGE'))
  OR CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000 THEN pg_catalog.has_table_privilege(g.oid, 'MAINTAIN') ELSE false END AS may
FROM grown g
ORDER BY g.name
