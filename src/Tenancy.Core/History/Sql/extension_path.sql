-- What a search path has for the database's extensions: their schemas in name order, each after a comma, but for those named. One in a tenant's schema must not put that tenant's tables into everybody's path.
CREATE OR REPLACE FUNCTION @history@.extension_path(p_fleet text, p_named text[])
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $extension_path$
  SELECT coalesce(string_agg(', ' || quote_ident(s.name), '' ORDER BY s.name), '')
    FROM (SELECT DISTINCT n.nspname::text AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace) s
    WHERE s.name NOT IN ('pg_catalog', @history_literal@) AND s.name <> ALL (p_named)
      AND NOT EXISTS (SELECT FROM @history@.tenant t WHERE t.fleet = p_fleet AND t.schema = s.name)
$extension_path$;
