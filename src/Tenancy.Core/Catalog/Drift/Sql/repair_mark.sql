pg_catalog.md5(pg_catalog.concat_ws(' ', (SELECT i.system_identifier FROM pg_catalog.pg_control_system() i), d.oid, s.oid, (
  SELECT pg_catalog.string_agg(k.r::pg_catalog.text, ' ' ORDER BY k.r::pg_catalog.text COLLATE "C") FROM (
    SELECT pg_catalog.to_jsonb(c) - '{relfilenode,relpages,reltuples,relallvisible,relallfrozen,reltoastrelid,relhasindex,relhasrules,relhastriggers,relhassubclass,relfrozenxid,relminmxid,relrewrite}'::pg_catalog.text[] AS r
      FROM pg_catalog.pg_class c WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(a) - '{attcacheoff,atthasmissing,attmissingval}'::pg_catalog.text[] FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = s.oid AND a.attnum > 0
    UNION ALL SELECT pg_catalog.to_jsonb(a) FROM pg_catalog.pg_attrdef a JOIN pg_catalog.pg_class c ON c.oid = a.adrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(k) FROM pg_catalog.pg_constraint k WHERE k.connamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(i) - 'indcheckxmin' FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(q) FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(w) FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(t) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(p) FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(h) FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(p) FROM pg_catalog.pg_partitioned_table p JOIN pg_catalog.pg_class c ON c.oid = p.partrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(f) FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid WHERE c.relnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(x) FROM pg_catalog.pg_statistic_ext x WHERE x.stxnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(p) FROM pg_catalog.pg_proc p WHERE p.pronamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(t) FROM pg_catalog.pg_type t WHERE t.typnamespace = s.oid
    UNION ALL SELECT pg_catalog.to_jsonb(e) FROM pg_catalog.pg_enum e JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace = s.oid
  ) k)))
