-- One fingerprint a schema of $1: the SHA-256 of those of its objects in order, so that the order in which the server finds them does not matter.
SELECT s.nspname::text, current_schema() = s.nspname, f.fingerprint
FROM (
@schemas@
) AS s
CROSS JOIN LATERAL (
  SELECT encode(sha256(string_agg(h.hash, '' ORDER BY h.hash)), 'hex') AS fingerprint
  FROM (
@objects@
  ) AS o
  CROSS JOIN LATERAL (SELECT sha256(array_send(ARRAY[o.kind, o.name, COALESCE(o."table", '')] || o.properties))) AS h(hash)
  OFFSET 0
) AS f
