-- What @more@ has and @less@ has not, in the form of a project's grants. The schema's owner is <owner>, everybody is public; the object's owner as grantor is not named.
SELECT json_agg(json_strip_nulls(json_build_object('to', a.grantee, 'privileges', a.privileges, 'with_grant_option', a.grantable, 'by', a.grantor)) ORDER BY a.grantee, a.grantable, a.grantor)
FROM (
  SELECT CASE e.grantee WHEN 0 THEN 'public' WHEN s.owner THEN '<owner>' ELSE pg_get_userbyid(e.grantee) END::text COLLATE "C" AS grantee, NULLIF(e.is_grantable, false) AS grantable,
    CASE WHEN e.grantor <> COALESCE(o.owner, s.owner) THEN pg_get_userbyid(e.grantor) END::text COLLATE "C" AS grantor, json_agg(lower(e.privilege_type) ORDER BY e.privilege_type) AS privileges
  FROM (SELECT * FROM aclexplode(@more@) EXCEPT SELECT * FROM aclexplode(@less@)) AS e(grantor, grantee, privilege_type, is_grantable)
  GROUP BY 1, 2, 3
) AS a
