-- Catalogs of objects that are in no schema.
CREATE OR REPLACE FUNCTION @history@.catalogs_in_no_schema()
RETURNS regclass[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $catalogs_in_no_schema$
BEGIN
  RETURN ARRAY[
    'pg_extension', 'pg_language', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_user_mapping',
    'pg_publication', 'pg_publication_rel', 'pg_publication_namespace', 'pg_subscription', 'pg_largeobject_metadata', 'pg_largeobject',
    'pg_am', 'pg_transform', 'pg_authid', 'pg_auth_members', 'pg_database', 'pg_tablespace', 'pg_db_role_setting', 'pg_parameter_acl',
    'pg_shdescription', 'pg_shseclabel', 'pg_replication_origin']::regclass[];
END
$catalogs_in_no_schema$;

-- Catalogs whose rows say that something was made or changed without a relation lock to show for it. A fixed order: counters are compared by place.
CREATE OR REPLACE FUNCTION @history@.watched_catalogs()
RETURNS regclass[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $watched_catalogs$
BEGIN
  RETURN ARRAY[
    'pg_class', 'pg_proc', 'pg_type', 'pg_namespace', 'pg_default_acl', 'pg_collation', 'pg_conversion', 'pg_operator', 'pg_opclass',
    'pg_opfamily', 'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_statistic_ext', 'pg_constraint', 'pg_enum',
    'pg_ts_config_map', 'pg_amop', 'pg_amproc', 'pg_attribute', 'pg_depend', 'pg_cast']::regclass[] || @history@.catalogs_in_no_schema();
END
$watched_catalogs$;

-- Changes counted so far by this backend, uncommitted and earlier unflushed ones together (manual, 28.2.2): only differences mean something.
-- pg_depend counts updates alone (an object that moved between schemas), pg_attribute too (a grant on a column; its insertions come last). Deletions count only where the change itself is the verdict
-- (catalogs_in_no_schema): elsewhere the lock shows what was dropped, and a deleted row cannot be found by its writer, so counting it would only cost a scan that grows with the fleet. The two publication
-- catalogs leave them out too, because dropping one's own table takes it out of a publication.
CREATE OR REPLACE FUNCTION @history@.catalog_changes()
RETURNS bigint[] LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $catalog_changes$
BEGIN
  -- Read out in storage order (manual, 9.19), so nothing is sorted.
  RETURN ARRAY(SELECT CASE
        WHEN c IN ('pg_depend'::regclass, 'pg_attribute'::regclass) THEN pg_stat_get_xact_tuples_updated(c)
        WHEN c = ANY (@history@.catalogs_in_no_schema()) AND c NOT IN ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass)
          THEN pg_stat_get_xact_tuples_inserted(c) + pg_stat_get_xact_tuples_updated(c) + pg_stat_get_xact_tuples_deleted(c)
        ELSE pg_stat_get_xact_tuples_inserted(c) + pg_stat_get_xact_tuples_updated(c) END
      FROM unnest(@history@.watched_catalogs()) AS w (c))
    || pg_stat_get_xact_tuples_inserted('pg_attribute'::regclass);
END
$catalog_changes$;

-- Whether a visible row was written by this transaction, subtransactions included: not older than the transaction and still in progress.
-- An xid beyond the newest one is an old frozen row's, from before a wraparound.
CREATE OR REPLACE FUNCTION @history@.is_own_row(p_xmin xid)
RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $is_own_row$
DECLARE
  v_top bigint := pg_current_xact_id()::text::bigint;
BEGIN
  -- Most are; and the block below is a subtransaction, whose end looks through every relation that the session knows once the transaction has made some (relcache.c, MAX_EOXACT_LIST).
  IF p_xmin = pg_current_xact_id()::xid THEN
    RETURN true;
  END IF;
  BEGIN
    RETURN pg_xact_status(((v_top + (p_xmin::text::bigint - v_top % 4294967296 + 4294967296) % 4294967296))::text::xid8) = 'in progress';
  EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
  END;
END
$is_own_row$;
