-- The checksum of the functions that are installed. Not among the tables: builds with the same version came before it.
ALTER TABLE @history@.installation ADD COLUMN IF NOT EXISTS functions text;
