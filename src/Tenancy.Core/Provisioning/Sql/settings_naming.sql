-- Settings of roles and of this database that have a search_path with $1 somewhere in it. The path is kept as text, its names quoted where they need it.
-- With the beginning of the statement that sets it anew: null where it is of all databases, another of which may have a schema of that name, or where the login may not.
SELECT pg_catalog.concat_ws(' in ', 'role ' || coalesce(r.rolname::pg_catalog.text, nullif(s.setrole, 0)::pg_catalog.text), 'database ' || d.datname), pg_catalog.substr(c.setting, 13),
  CASE WHEN s.setdatabase <> 0 AND CASE WHEN s.setrole = 0 THEN me.rolsuper OR pg_catalog.pg_has_role(SESSION_USER, d.datdba, 'USAGE')
    ELSE me.rolsuper OR r.oid = me.oid OR me.rolcreaterole AND NOT r.rolsuper
      AND (pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 160000 OR pg_catalog.pg_has_role(SESSION_USER, r.oid, 'MEMBER WITH ADMIN OPTION')) END
  THEN CASE WHEN s.setrole = 0 THEN 'ALTER' ELSE 'ALTER ROLE ' || pg_catalog.quote_ident(r.rolname) || ' IN' END || ' DATABASE ' || pg_catalog.quote_ident(d.datname) END
FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase JOIN pg_catalog.pg_roles me ON me.rolname = SESSION_USER
WHERE (s.setdatabase = 0 OR d.datname = pg_catalog.current_database()) AND c.setting LIKE 'search\_path=%' AND pg_catalog.strpos(pg_catalog.lower(c.setting), pg_catalog.lower(pg_catalog.split_part($1, '"', 1))) > 0
ORDER BY 1
