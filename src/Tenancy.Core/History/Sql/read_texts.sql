-- The texts of revisions as they were last applied by the fleet.
SELECT l.revision, t.manifest FROM (
  SELECT DISTINCT ON (h.revision) h.revision, h.checksum
  FROM @history@.history h
  WHERE h.fleet = $1 AND h.revision = ANY ($2) AND h.step IS NULL AND h.outcome = 'done' AND h.direction = 'up'
  ORDER BY h.revision, h.id DESC) l
JOIN @history@.revision_text t ON t.checksum = l.checksum
