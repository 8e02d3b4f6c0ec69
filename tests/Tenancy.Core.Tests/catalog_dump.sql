-- One line for each thing that a database (or the schema $1, or all but the schema $2) holds, except what extensions and PostgreSQL itself own. Ordered, so that two databases
-- that hold the same give the same lines whatever was made first. Names are qualified: search_path is empty.
WITH schemas AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND ($1::text IS NULL OR nspname = $1) AND nspname IS DISTINCT FROM $2::text
), own AS (
    -- extensions' members are the extension's business
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relations AS (
    SELECT c.* FROM pg_class c
    WHERE c.relnamespace IN (SELECT oid FROM schemas) AND NOT EXISTS (SELECT FROM own WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), lines(kind, name, definition, comment) AS (
    SELECT 'schema', nspname::text, format('owner %s acl %s', pg_get_userbyid(nspowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(nspacl, acldefault('n', nspowner))) a)), obj_description(oid, 'pg_namespace') FROM schemas
    UNION ALL
    SELECT 'extension', e.extname, format('schema %s version %s', n.nspname, e.extversion), NULL
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE ($1::text IS NULL OR n.nspname = $1) AND n.nspname IS DISTINCT FROM $2::text
    UNION ALL
    SELECT 'relation', r.oid::regclass::text,
        format('kind %s persistence %s owner %s acl %s options %s replica identity %s row security %s %s partition of %s key %s inherits %s',
            r.relkind, r.relpersistence, pg_get_userbyid(r.relowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", r.relowner))) a), r.reloptions, r.relreplident, r.relrowsecurity, r.relforcerowsecurity,
            pg_get_expr(r.relpartbound, r.oid), CASE r.relkind WHEN 'p' THEN pg_get_partkeydef(r.oid) END,
            (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = r.oid)),
        obj_description(r.oid, 'pg_class')
    FROM relations r
    UNION ALL
    SELECT 'column', format('%s %s %s', r.oid::regclass, lpad(row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum)::text, 4, '0'), a.attname),
        format('%s not null %s default %s identity %s generated %s collation %s storage %s compression %s statistics %s acl %s options %s', format_type(a.atttypid, a.atttypmod), a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation::regcollation, a.attstorage, a.attcompression, nullif(a.attstattarget, -1),
            (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(a.attacl) i), a.attoptions),
        col_description(r.oid, a.attnum)
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE r.relkind NOT IN ('i', 'I', 'S')
    UNION ALL
    SELECT 'constraint', format('%s.%s', COALESCE(c.conrelid, 0)::regclass, c.conname), format('%s validated %s', pg_get_constraintdef(c.oid), c.convalidated),
        obj_description(c.oid, 'pg_constraint')
    FROM pg_constraint c WHERE c.conrelid IN (SELECT oid FROM relations) OR (c.contypid <> 0 AND c.connamespace IN (SELECT oid FROM schemas))
    UNION ALL
    SELECT 'index', i.indexrelid::regclass::text, format('%s valid %s clustered %s identity %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident), NULL
    FROM pg_index i WHERE i.indrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'view', r.oid::regclass::text, pg_get_viewdef(r.oid), NULL FROM relations r WHERE r.relkind IN ('v', 'm')
    UNION ALL
    SELECT 'sequence', r.oid::regclass::text,
        format('%s start %s increment %s max %s min %s cache %s cycle %s at %s', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle, pg_sequence_last_value(r.oid)), NULL
    FROM relations r JOIN pg_sequence s ON s.seqrelid = r.oid
    UNION ALL
    SELECT 'trigger', format('%s.%s', t.tgrelid::regclass, t.tgname), format('%s enabled %s', pg_get_triggerdef(t.oid), t.tgenabled), obj_description(t.oid, 'pg_trigger')
    FROM pg_trigger t WHERE t.tgrelid IN (SELECT oid FROM relations) AND NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', format('%s.%s', w.ev_class::regclass, w.rulename), format('%s enabled %s', pg_get_ruledef(w.oid), w.ev_enabled), NULL
    FROM pg_rewrite w WHERE w.ev_class IN (SELECT oid FROM relations) AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', format('%s.%s', p.polrelid::regclass, p.polname),
        format('for %s permissive %s to %s using %s check %s', p.polcmd, p.polpermissive,
            (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', ' ORDER BY 1) FROM unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), obj_description(p.oid, 'pg_policy')
    FROM pg_policy p WHERE p.polrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'statistics', format('%s.%s', s.stxnamespace::regnamespace, s.stxname), format('%s owner %s target %s', pg_get_statisticsobjdef(s.oid), pg_get_userbyid(s.stxowner), nullif(s.stxstattarget, -1)), obj_description(s.oid, 'pg_statistic_ext')
    FROM pg_statistic_ext s WHERE s.stxnamespace IN (SELECT oid FROM schemas)
    UNION ALL
    SELECT 'function', f.oid::regprocedure::text,
        format('%s owner %s acl %s', CASE f.prokind WHEN 'a' THEN 'aggregate' ELSE pg_get_functiondef(f.oid) END, pg_get_userbyid(f.proowner),
            (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(f.proacl, acldefault('f', f.proowner))) a)), obj_description(f.oid, 'pg_proc')
    FROM pg_proc f WHERE f.pronamespace IN (SELECT oid FROM schemas) AND NOT EXISTS (SELECT FROM own WHERE classid = 'pg_proc'::regclass AND objid = f.oid)
    UNION ALL
    SELECT 'type', t.oid::regtype::text,
        format('kind %s owner %s acl %s labels %s base %s not null %s default %s checks %s range %s', t.typtype, pg_get_userbyid(t.typowner), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) a),
            (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), format_type(NULLIF(t.typbasetype, 0), t.typtypmod), t.typnotnull, t.typdefault,
            (SELECT string_agg(format('%s %s', c.conname, pg_get_constraintdef(c.oid)), ', ' ORDER BY c.conname) FROM pg_constraint c WHERE c.contypid = t.oid),
            (SELECT format('%s %s %s %s', g.rngsubtype::regtype, g.rngsubopc, g.rngcollation::regcollation, g.rngsubdiff) FROM pg_range g WHERE g.rngtypid = t.oid)),
        obj_description(t.oid, 'pg_type')
    FROM pg_type t
    WHERE t.typnamespace IN (SELECT oid FROM schemas) AND (t.typtype IN ('e', 'd', 'r', 'b') OR EXISTS (SELECT FROM pg_class k WHERE k.oid = t.typrelid AND k.relkind = 'c')) AND t.typcategory <> 'A'
        AND NOT EXISTS (SELECT FROM own WHERE classid = 'pg_type'::regclass AND objid = t.oid)
    UNION ALL
    SELECT 'default grants', format('%s %s %s', pg_get_userbyid(defaclrole), NULLIF(defaclnamespace, 0)::regnamespace, defaclobjtype), defaclacl::text, NULL
    FROM pg_default_acl WHERE $1::text IS NULL OR defaclnamespace IN (SELECT oid FROM schemas)
)
SELECT format('%s %s: %s%s', kind, name, definition, ' -- ' || comment) AS line FROM lines ORDER BY kind COLLATE "C", name COLLATE "C", 1
