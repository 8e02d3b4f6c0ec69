-- The body of the routine p with <schema> for the schema's name, quoted or (where it needs no quotes) bare: before a dot and a name that something in the schema has, so that a table's
-- alias of the same name stays; after SCHEMA and in a search_path; and as a string where PostgreSQL reads the string as a schema. The pattern finds all names and strings in such places:
-- one that differed by schema would be compiled for each.
SELECT CASE WHEN strpos(lower(p.prosrc), lower(s.nspname)) = 0 AND strpos(replace(p.prosrc, '''''', ''''), replace(s.nspname, '"', '""')) = 0 THEN p.prosrc ELSE (
  SELECT string_agg(concat(CASE
    WHEN w.written = quote_literal(s.nspname) THEN '''<schema>'''
    -- within a string a quotation mark is two
    WHEN '"' || replace(s.nspname, '"', '""') || '"' NOT IN (COALESCE(w.written, ''), COALESCE(replace(w.written, '''''', ''''), '')) AND (lower(w.written) IS DISTINCT FROM s.nspname OR quote_ident(s.nspname) <> s.nspname) OR x.piece ~ '^\s*\.\s*\*' THEN w.written
    WHEN n.next IS NULL OR EXISTS (SELECT FROM relation r WHERE r.relname = n.next) OR EXISTS (SELECT FROM own_type t WHERE t.typname = n.next)
      OR EXISTS (SELECT FROM pg_depend f JOIN pg_proc q ON q.oid = f.objid WHERE f.refclassid = 'pg_namespace'::regclass AND f.refobjid = s.oid AND f.classid = 'pg_proc'::regclass AND q.proname = n.next) THEN '<schema>'
    ELSE w.written END, x.piece), '' ORDER BY x.place)
  FROM (VALUES (
    '(?i)(?<![\w$."])(?:"(?:[^"]|"")+"|[[:alpha:]_][\w$]*)(?=\s*\.)'
    || '|(?<=\mschema\s+(?:if\s+exists\s+|if\s+not\s+exists\s+)?|\msearch_path\s*(?:=|to\s)[^;'']*)(?:"(?:[^"]|"")+"|\m[[:alpha:]_][\w$]*)(?![\w$"])'
    || '|''(?:[^''\s.%(]|'''')+''(?=\s*::\s*(?:pg_catalog\s*\.\s*)?regnamespace)'
    || '|(?<=(?:nspname|schemaname|_schema)\s*(?:=|<>|!=)\s*|\m(?:format|set_config|quote_ident|to_regnamespace|has_schema_privilege)\s*\([^;)]*)''(?:[^''\s.%(]|'''')+''(?!'')')) AS pattern(text)
  CROSS JOIN LATERAL regexp_split_to_table(p.prosrc, pattern.text) WITH ORDINALITY AS x(piece, place)
  LEFT JOIN LATERAL (SELECT m.found[1] AS written FROM regexp_matches(p.prosrc, pattern.text, 'g') WITH ORDINALITY AS m(found, place) WHERE m.place = x.place - 1) AS w ON true
  LEFT JOIN LATERAL (SELECT COALESCE(replace(k[1], '""', '"'), lower(k[2])) AS next FROM regexp_match(x.piece, '^\s*\.\s*(?:"((?:[^"]|"")+)"|([\w$]+))') AS k) AS n ON true
) END AS body
