-- A ring's tenants are done. Its soak begins, unless it has; where nothing was changed it goes on as an earlier run left it. Gives the seconds that are left of it.
UPDATE @history@.ring r SET
  ended_at = coalesce(r.ended_at, now()),
  soak_until = coalesce(CASE WHEN $6 AND r.soak_until IS NOT NULL THEN r.ended_at + pg_catalog.make_interval(secs => $5) END, r.soak_until, CASE WHEN $4 THEN now() + pg_catalog.make_interval(secs => $5)
    ELSE (SELECT max(o.soak_until) FROM @history@.ring o WHERE o.fleet = r.fleet AND o.name = r.name AND o.run <> r.run AND o.soak_until > now()) END)
WHERE r.fleet = $1 AND r.run = $2 AND r.number = $3
RETURNING coalesce(greatest(0, extract(epoch FROM r.soak_until - now())), 0)::pg_catalog.float8
