-- All that the workload makes in a schema ($1), a line each, without the schema's own name.
SELECT replace(line, quote_ident($1) || '.', '') FROM (
    SELECT format('%s %s %s', c.relkind, c.relname, obj_description(c.oid, 'pg_class')) AS line
    FROM pg_class c WHERE c.relnamespace = $1::regnamespace
    UNION ALL
    SELECT format('column %s.%s %s %s %s identity %s default %s', c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'v', 'S') AND NOT a.attisdropped
    UNION ALL
    SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1::regnamespace
    UNION ALL
    SELECT format('%s %s %s', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid)) FROM pg_constraint n WHERE n.connamespace = $1::regnamespace
    UNION ALL
    SELECT pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'v'
    UNION ALL
    SELECT regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g') FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
    UNION ALL
    SELECT query_to_xml(format('SELECT * FROM %I.tag ORDER BY id', $1), false, true, '')::text
) AS lines ORDER BY 1
