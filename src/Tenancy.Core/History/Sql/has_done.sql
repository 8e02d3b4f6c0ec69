-- Whether a run has brought any revision to an end in this database.
SELECT EXISTS (SELECT FROM @history@.history h WHERE h.fleet = $1 AND h.run = $2 AND h.outcome = 'done')
