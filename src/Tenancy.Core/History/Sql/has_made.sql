-- Whether a run has made, renamed, dropped, stamped or repaired a schema.
SELECT EXISTS (SELECT FROM @history@.history h WHERE h.fleet = $1 AND h.scope = $2 AND h.schema = $3 AND h.run = $4 AND h.direction = $5 AND h.outcome = 'done')
