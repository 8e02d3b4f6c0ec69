-- Whether all that history has is known to be on the disk. After whatever is to be known of it has been read.
SELECT coalesce((SELECT max(h.id) FROM @history@.history h), 0) <= coalesce((SELECT f.history_id FROM @history@.flushed f WHERE f.fleet = $1), 0)
