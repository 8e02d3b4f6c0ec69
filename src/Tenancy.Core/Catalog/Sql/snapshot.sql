-- All objects of the schemas $1.
SELECT s.nspname::text, current_schema() = s.nspname, o.kind, o.name, o."table", o.actual_name, o.position, o.properties, o.classid, o.objid, o.objsubid
FROM (
@schemas@
) AS s
CROSS JOIN LATERAL (
@objects@
OFFSET 0
) AS o
