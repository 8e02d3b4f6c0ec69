-- Whether a run has made, renamed or dropped a tenant.
SELECT EXISTS (SELECT FROM @history@.history h WHERE h.fleet = $1 AND h.scope = 'tenant' AND h.schema = $2 AND h.run = $3 AND h.direction = $4 AND h.outcome = 'done')
