-- The whole database was restored: every schema has a new OID, and none of them was recreated on its own.
UPDATE @history@.head h SET schema_oid = n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = h.schema;
UPDATE @history@.stage s SET schema_oid = n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = s.schema;
UPDATE @history@.tenant t SET schema_oid = n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = t.schema;
