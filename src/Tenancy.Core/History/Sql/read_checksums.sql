-- The distinct checksums of each revision, and whether the text of that manifest is kept, by jumping along the index: as many probes as there are revisions, whatever the number of tenants.
WITH RECURSIVE found AS (
  (SELECT h.scope, h.revision, h.checksum FROM @history@.history h
    WHERE h.fleet = $1 AND h.step IS NULL AND h.outcome = 'done' AND h.direction IN ('up', 'stamp', 'repair')
    ORDER BY h.scope, h.revision, h.checksum LIMIT 1)
  UNION ALL
  SELECT n.scope, n.revision, n.checksum FROM found f CROSS JOIN LATERAL (
    SELECT h.scope, h.revision, h.checksum FROM @history@.history h
      WHERE h.fleet = $1 AND h.step IS NULL AND h.outcome = 'done' AND h.direction IN ('up', 'stamp', 'repair')
        AND (h.scope, h.revision, h.checksum) > (f.scope, f.revision, f.checksum)
      ORDER BY h.scope, h.revision, h.checksum LIMIT 1) n
)
SELECT f.revision, f.checksum, EXISTS (SELECT FROM @history@.revision_text t WHERE t.checksum = f.checksum)
FROM found f WHERE f.revision IS NOT NULL AND f.checksum IS NOT NULL
