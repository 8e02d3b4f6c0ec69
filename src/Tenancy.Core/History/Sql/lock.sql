-- Functions of the ordinary path are in plpgsql though an expression would do: PostgreSQL plans one in SQL anew with every call (manual, 38.5; until 18).

-- Keys of 64 bits over history schema, fleet, scope and schema: 32 bits collide with probability 69 % at 100,000 tenants.
CREATE OR REPLACE FUNCTION @history@.lock_key(p_fleet text, p_kind text, p_schema text)
RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $lock_key$
BEGIN
  RETURN hashtextextended(concat_ws(chr(31), 'tenancy', @history_literal@, p_fleet, p_kind, p_schema), 0);
END
$lock_key$;

-- Tenant work takes its scope's key shared and the tenant's exclusively; shared-scope work takes the scope's key exclusively.
CREATE OR REPLACE FUNCTION @history@.lock(p_fleet text, p_scope text, p_schema text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $lock$
BEGIN
  IF p_scope = 'shared' THEN
    IF NOT pg_try_advisory_xact_lock(@history@.lock_key(p_fleet, 'scope', '')) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = 'the shared scope is in use by another run',
        DETAIL = @history@.lock_key(p_fleet, 'scope', '')::text;
    END IF;
  ELSE
    IF NOT pg_try_advisory_xact_lock_shared(@history@.lock_key(p_fleet, 'scope', '')) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = 'the shared scope is being changed by another run',
        DETAIL = @history@.lock_key(p_fleet, 'scope', '')::text;
    END IF;
    IF NOT pg_try_advisory_xact_lock(@history@.lock_key(p_fleet, 'tenant', p_schema)) THEN
      RAISE EXCEPTION USING ERRCODE = 'TN001', MESSAGE = format('%I is in use by another run', p_schema),
        DETAIL = @history@.lock_key(p_fleet, 'tenant', p_schema)::text;
    END IF;
  END IF;
END
$lock$;

-- The same for a session, around non-transactional steps.
CREATE OR REPLACE FUNCTION @history@.try_lock_session(p_fleet text, p_scope text, p_schema text)
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $try_lock_session$
BEGIN
  IF p_scope = 'shared' THEN
    RETURN pg_try_advisory_lock(@history@.lock_key(p_fleet, 'scope', ''));
  END IF;
  IF NOT pg_try_advisory_lock_shared(@history@.lock_key(p_fleet, 'scope', '')) THEN
    RETURN false;
  END IF;
  IF NOT pg_try_advisory_lock(@history@.lock_key(p_fleet, 'tenant', p_schema)) THEN
    PERFORM pg_advisory_unlock_shared(@history@.lock_key(p_fleet, 'scope', ''));
    RETURN false;
  END IF;
  RETURN true;
END
$try_lock_session$;
