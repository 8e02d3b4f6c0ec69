-- Settings of roles and databases whose search_path has a schema. The path is kept as text, its names quoted where they need it.
SELECT CASE WHEN s.setrole = 0 THEN '' ELSE 'role ' || coalesce((SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles r WHERE r.oid = s.setrole), s.setrole::pg_catalog.text) END
  || CASE WHEN s.setdatabase = 0 THEN '' ELSE CASE WHEN s.setrole = 0 THEN '' ELSE ' in ' END || 'database ' || coalesce((SELECT d.datname::pg_catalog.text FROM pg_catalog.pg_database d WHERE d.oid = s.setdatabase), '?') END, c.setting
FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
  AND c.setting LIKE 'search\_path=%'
  AND EXISTS (SELECT FROM pg_catalog.regexp_split_to_table(pg_catalog.substr(c.setting, 13), ',') AS i (item) WHERE pg_catalog.btrim(i.item, ' "') = $1)
ORDER BY 1
