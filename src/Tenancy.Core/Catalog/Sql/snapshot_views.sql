-- Views and materialized views. Their columns are what the query says; the names given to them are a part of it.
SELECT CASE r.relkind WHEN 'v' THEN 'view' ELSE 'materialized_view' END AS kind, r.relname::text AS name, NULL::text AS "table", NULL::text AS actual_name, NULL::int AS position,
  'pg_class'::regclass::oid AS classid, r.oid AS objid, 0 AS objsubid, r.relowner AS owner, r.relacl AS acl, 'r'::"char" AS acl_type, r.commented AS commented,
  ARRAY[
    'access_method=' || (SELECT m.amname FROM pg_am m WHERE m.oid = r.relam AND m.amname <> 'heap'),
    'check_option=' || (SELECT o.option_value FROM pg_options_to_table(r.reloptions) o WHERE o.option_name = 'check_option'),
    'query=' || @expression(btrim(pg_get_viewdef(r.oid), E' \n;'))@,
    'tablespace=' || (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = r.reltablespace),
    'with=' || (SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(r.reloptions) o WHERE o.option_name <> 'check_option')::text,
    CASE WHEN NOT r.relispopulated THEN 'with_data=false' END
  ] AS properties
FROM relation r
WHERE r.relkind IN ('v', 'm')
