-- Schemas on which another run has gone the other way since a run came to the database.
SELECT DISTINCT h.scope, h.schema
FROM @history@.history h
WHERE h.fleet = $1 AND h.direction = $3 AND h.outcome = 'done' AND h.id > (SELECT min(own.id) FROM @history@.history own WHERE own.fleet = $1 AND own.run = $2)
