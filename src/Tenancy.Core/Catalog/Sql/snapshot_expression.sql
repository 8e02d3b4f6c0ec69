(
  -- What x IN ('a', 'b') has become of a varchar, (x)::text = ANY ((ARRAY['a'::character varying, …])::text[]), is read back from a dump as ANY (ARRAY[('a'::character varying)::text, …]), which is the same.
  -- Printed for people to read (rules) neither has these parentheses.
  SELECT CASE WHEN strpos(x.text, '''::character varying)::text') + strpos(x.text, '''::character varying::text') = 0 THEN x.text ELSE regexp_replace(
    regexp_replace(x.text, 'ARRAY\[((?:(\(?)E?''(?:[^'']|'''')*''::character varying(\)?)::text(?:, )?)+)\]', '\2ARRAY[\1]\3::text[]', 'g'),
    '\(?(E?''(?:[^'']|'''')*''::character varying)\)?::text(?=(?:, \(?E?''(?:[^'']|'''')*''::character varying\)?::text)*\]\)?::text\[\])', '\1', 'g') END
  FROM (SELECT @expression@ OFFSET 0) AS x(text))
