-- Connections that are free: those of the server that are for everybody (manual, 20.3.1; reserved_connections since 16), less those in use, which pg_stat_database shows to every role;
-- and those of the role, where it has a limit (CREATE ROLE; a superuser has none).
SELECT least(
    pg_catalog.current_setting('max_connections')::pg_catalog.int4
      - pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
      - coalesce(pg_catalog.current_setting('reserved_connections', true)::pg_catalog.int4, 0)
      - (SELECT coalesce(sum(d.numbackends), 0) FROM pg_catalog.pg_stat_database d)::pg_catalog.int4,
    (SELECT r.rolconnlimit - (SELECT count(*) FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = r.oid)::pg_catalog.int4
      FROM pg_catalog.pg_roles r WHERE r.rolname = session_user AND r.rolconnlimit >= 0 AND NOT r.rolsuper)),
  pg_catalog.pg_backend_pid()
