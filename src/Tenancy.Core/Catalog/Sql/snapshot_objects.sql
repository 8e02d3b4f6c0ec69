-- All objects of the schema s, in one form; what every kind may have (a comment, an owner, privileges) is added here.
WITH own AS MATERIALIZED (
  SELECT d.classid, d.objid, d.deptype FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = s.oid
), relation AS MATERIALIZED (
@relations@
), own_type AS MATERIALIZED (
@own_types@
), object AS (
@kinds@
)
SELECT o.kind, o.name, o."table", o.actual_name, o.position, o.classid, o.objid, o.objsubid, p.properties
FROM object o
CROSS JOIN LATERAL (SELECT array_remove(o.properties || ARRAY[
  CASE WHEN o.commented THEN 'comment=' || (SELECT d.description FROM pg_description d WHERE d.objoid = o.objid AND d.classoid = o.classid AND d.objsubid = o.objsubid) END,
  CASE WHEN o.acl IS NOT NULL THEN 'grants=' || (
@grants@
  ) END,
  CASE WHEN o.owner <> s.owner THEN 'owner=' || pg_get_userbyid(o.owner) END,
  CASE WHEN o.acl IS NOT NULL THEN 'revokes=' || (
@revokes@
  ) END
], NULL) OFFSET 0) AS p(properties)
-- columns of views, attributes of types and the sequences of identities count only where they are not as they come
WHERE cardinality(p.properties) > 0 OR o.kind NOT IN ('identity_sequence', 'column', 'attribute')
