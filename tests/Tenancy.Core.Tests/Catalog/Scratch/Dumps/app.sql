CREATE SCHEMA app AUTHORIZATION dump_owner; CREATE SCHEMA other;
SET ROLE dump_owner;
SET search_path = app;
CREATE TYPE state AS ENUM ('open', 'it''s done');
CREATE DOMAIN amount AS numeric(12,2) CONSTRAINT positive CHECK (VALUE >= 0);
CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, note text DEFAULT E'a\\b;\n\\! echo', state state DEFAULT 'open', total amount NOT NULL);
CREATE TABLE invoice (id serial PRIMARY KEY, customer bigint NOT NULL REFERENCES customer ON DELETE CASCADE DEFERRABLE, during int4range, UNIQUE NULLS NOT DISTINCT (customer, during), EXCLUDE USING gist (during WITH &&)) WITH (fillfactor = 70);
CREATE TABLE event (id int, day date NOT NULL, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX event_what ON event (what);
CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);
CREATE FUNCTION total_of(c bigint) RETURNS numeric LANGUAGE plpgsql AS $_$
BEGIN
  -- SELECT pg_read_file('x'); $$ \! echo
  RETURN (SELECT total FROM app.customer WHERE id = c);
END$_$;
CREATE FUNCTION first_one() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT id FROM customer LIMIT 1; END;
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION note_change('a');
CREATE VIEW rich AS SELECT c.id, sum(i.id) AS n FROM customer c JOIN invoice i ON i.customer = c.id GROUP BY c.id;
CREATE MATERIALIZED VIEW totals AS SELECT state, sum(total) AS total FROM customer GROUP BY state;
CREATE UNIQUE INDEX totals_key ON totals (state);
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customer TO dump_reader USING (id > 1);
CREATE STATISTICS customer_s ON name, note FROM customer;
COMMENT ON TABLE customer IS 'Who; pays '' \.'; COMMENT ON COLUMN customer.name IS E'two\nlines';
GRANT SELECT ON customer TO dump_reader; REVOKE EXECUTE ON FUNCTION total_of(bigint) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO dump_reader;
INSERT INTO customer (name, note, total) VALUES (E'a\tb', E'\\.', 1), ('COPY x FROM stdin;', NULL, 2);
INSERT INTO invoice (customer, during) VALUES (1, '[1,2)');
INSERT INTO event VALUES (1, '2026-02-01', 'x');
REFRESH MATERIALIZED VIEW totals;
CREATE TABLE other_key (id int REFERENCES customer);
RESET ROLE;
CREATE TABLE other.elsewhere (id int); 
