-- Asserts under the lock that the other scope still has what the plan was made for. A tenant's work has the scope's key shared, and so sees the shared schema standing still; shared work has it alone.
-- p_head_sets: each set of heads that was seen, its ids in "C" order with spaces between.
CREATE OR REPLACE FUNCTION @history@.assert_other_scope(p_fleet text, p_scope text, p_shared_schema text, p_head_sets text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $assert_other_scope$
DECLARE
  v_unexpected record;
BEGIN
  SELECT s.schema, s.heads INTO v_unexpected FROM (
    SELECT o.schema, coalesce(string_agg(h.revision, ' ' ORDER BY h.revision COLLATE "C"), '') AS heads
      FROM (SELECT t.schema, 'tenant' AS scope FROM @history@.tenant t WHERE p_scope = 'shared' AND t.fleet = p_fleet
        UNION ALL SELECT p_shared_schema, 'shared' WHERE p_scope = 'tenant') o
      LEFT JOIN @history@.head h ON h.fleet = p_fleet AND h.scope = o.scope AND h.schema = o.schema
      GROUP BY o.schema) s
    WHERE s.heads <> ALL (p_head_sets) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TN008',
      MESSAGE = format('%I is at %s meanwhile, and the revision depends on where it is', v_unexpected.schema, coalesce(nullif(v_unexpected.heads, ''), 'base'));
  END IF;
END
$assert_other_scope$;
