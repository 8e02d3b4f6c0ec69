-- A ring's tenants are done. Its soak begins, unless it has; where nothing was changed it goes on as an earlier run left it: from the last change of that run, where it died before it could say that its tenants
-- were done. Gives the seconds that are left of it.
UPDATE @history@.ring r SET
  ended_at = coalesce(r.ended_at, now()),
  soak_until = coalesce(CASE WHEN $6 AND r.soak_until IS NOT NULL THEN r.ended_at + pg_catalog.make_interval(secs => $5) END, r.soak_until, CASE WHEN $4 THEN now() + pg_catalog.make_interval(secs => $5)
    ELSE (
      SELECT max(s.until) FROM (
        SELECT o.soak_until AS until FROM @history@.ring o WHERE o.fleet = r.fleet AND o.name = r.name AND o.run <> r.run
        UNION ALL (
          SELECT CASE WHEN o.ended_at IS NULL THEN pg_catalog.make_interval(secs => $5) + greatest(o.begun_at, (
              SELECT max(h.started_at + pg_catalog.make_interval(secs => h.seconds)) FROM @history@.history h WHERE h.fleet = o.fleet AND h.run = o.run AND h.outcome = 'done')) END
          FROM @history@.ring o WHERE o.fleet = r.fleet AND o.name = r.name AND o.run <> r.run ORDER BY o.begun_at DESC LIMIT 1)) s
      WHERE s.until > now()) END)
WHERE r.fleet = $1 AND r.run = $2 AND r.number = $3
RETURNING coalesce(greatest(0, extract(epoch FROM r.soak_until - now())), 0)::pg_catalog.float8
