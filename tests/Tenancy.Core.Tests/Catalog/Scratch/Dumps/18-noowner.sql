--
-- PostgreSQL database dump
--

\restrict 5lELxcB3F2JaTkUC2ZvscQNziwFeDs0pfD7AI943BisyDgSX4lpYHdJ8teTZ7cC

-- Dumped from database version 18.0
-- Dumped by pg_dump version 18.0

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: app; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA app;


--
-- Name: amount; Type: DOMAIN; Schema: app; Owner: -
--

CREATE DOMAIN app.amount AS numeric(12,2)
	CONSTRAINT positive CHECK ((VALUE >= (0)::numeric));


--
-- Name: state; Type: TYPE; Schema: app; Owner: -
--

CREATE TYPE app.state AS ENUM (
    'open',
    'it''s done'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: customer; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.customer (
    id bigint NOT NULL,
    name text NOT NULL,
    note text DEFAULT 'a\b;
\! echo'::text,
    state app.state DEFAULT 'open'::app.state,
    total app.amount NOT NULL
);


--
-- Name: TABLE customer; Type: COMMENT; Schema: app; Owner: -
--

COMMENT ON TABLE app.customer IS 'Who; pays '' \.';


--
-- Name: COLUMN customer.name; Type: COMMENT; Schema: app; Owner: -
--

COMMENT ON COLUMN app.customer.name IS 'two
lines';


--
-- Name: first_one(); Type: FUNCTION; Schema: app; Owner: -
--

CREATE FUNCTION app.first_one() RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT customer.id
    FROM app.customer
  LIMIT 1;
END;


--
-- Name: note_change(); Type: FUNCTION; Schema: app; Owner: -
--

CREATE FUNCTION app.note_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN RETURN NEW; END$$;


--
-- Name: total_of(bigint); Type: FUNCTION; Schema: app; Owner: -
--

CREATE FUNCTION app.total_of(c bigint) RETURNS numeric
    LANGUAGE plpgsql
    AS $_$
BEGIN
  -- SELECT pg_read_file('x'); $$ \! echo
  RETURN (SELECT total FROM app.customer WHERE id = c);
END$_$;


--
-- Name: parent; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.parent (
    a integer CONSTRAINT named NOT NULL
);


--
-- Name: child; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.child (
    b integer,
    c integer CONSTRAINT own NOT NULL NO INHERIT
)
INHERITS (app.parent);


--
-- Name: customer_id_seq; Type: SEQUENCE; Schema: app; Owner: -
--

ALTER TABLE app.customer ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.customer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: event; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.event (
    id integer NOT NULL,
    day date NOT NULL,
    what text
)
PARTITION BY RANGE (day);


--
-- Name: event_1; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.event_1 (
    id integer CONSTRAINT event_id_not_null NOT NULL,
    day date CONSTRAINT event_day_not_null NOT NULL,
    what text
);


--
-- Name: invoice; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.invoice (
    id integer NOT NULL,
    customer bigint NOT NULL,
    during int4range
)
WITH (fillfactor='70');


--
-- Name: invoice_id_seq; Type: SEQUENCE; Schema: app; Owner: -
--

CREATE SEQUENCE app.invoice_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: invoice_id_seq; Type: SEQUENCE OWNED BY; Schema: app; Owner: -
--

ALTER SEQUENCE app.invoice_id_seq OWNED BY app.invoice.id;


--
-- Name: newer; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.newer (
    n int4range NOT NULL,
    at daterange NOT NULL,
    v integer GENERATED ALWAYS AS ((1 + 1)),
    x integer
);


--
-- Name: other_key; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app.other_key (
    id integer
);


--
-- Name: rich; Type: VIEW; Schema: app; Owner: -
--

CREATE VIEW app.rich AS
 SELECT c.id,
    sum(i.id) AS n
   FROM (app.customer c
     JOIN app.invoice i ON ((i.customer = c.id)))
  GROUP BY c.id;


--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: app; Owner: -
--

CREATE MATERIALIZED VIEW app.totals AS
 SELECT state,
    sum((total)::numeric) AS total
   FROM app.customer
  GROUP BY state
  WITH NO DATA;


--
-- Name: event_1; Type: TABLE ATTACH; Schema: app; Owner: -
--

ALTER TABLE ONLY app.event ATTACH PARTITION app.event_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Name: invoice id; Type: DEFAULT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.invoice ALTER COLUMN id SET DEFAULT nextval('app.invoice_id_seq'::regclass);


--
-- Name: customer customer_pkey; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);


--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id, day);


--
-- Name: event_1 event_1_pkey; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.event_1
    ADD CONSTRAINT event_1_pkey PRIMARY KEY (id, day);


--
-- Name: invoice invoice_customer_during_key; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_customer_during_key UNIQUE NULLS NOT DISTINCT (customer, during);


--
-- Name: invoice invoice_during_excl; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_during_excl EXCLUDE USING gist (during WITH &&);


--
-- Name: invoice invoice_pkey; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (id);


--
-- Name: newer newer_pkey; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.newer
    ADD CONSTRAINT newer_pkey PRIMARY KEY (n, at WITHOUT OVERLAPS);


--
-- Name: newer newer_v_check; Type: CHECK CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE app.newer
    ADD CONSTRAINT newer_v_check CHECK ((v > 0)) NOT ENFORCED;


--
-- Name: newer x_there; Type: CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE app.newer
    ADD CONSTRAINT x_there NOT NULL x NOT VALID;


--
-- Name: event_what; Type: INDEX; Schema: app; Owner: -
--

CREATE INDEX event_what ON ONLY app.event USING btree (what);


--
-- Name: event_1_what_idx; Type: INDEX; Schema: app; Owner: -
--

CREATE INDEX event_1_what_idx ON app.event_1 USING btree (what);


--
-- Name: totals_key; Type: INDEX; Schema: app; Owner: -
--

CREATE UNIQUE INDEX totals_key ON app.totals USING btree (state);


--
-- Name: event_1_pkey; Type: INDEX ATTACH; Schema: app; Owner: -
--

ALTER INDEX app.event_pkey ATTACH PARTITION app.event_1_pkey;


--
-- Name: event_1_what_idx; Type: INDEX ATTACH; Schema: app; Owner: -
--

ALTER INDEX app.event_what ATTACH PARTITION app.event_1_what_idx;


--
-- Name: customer_s; Type: STATISTICS; Schema: app; Owner: -
--

CREATE STATISTICS app.customer_s ON name, note FROM app.customer;


--
-- Name: customer noted; Type: TRIGGER; Schema: app; Owner: -
--

CREATE TRIGGER noted BEFORE INSERT ON app.customer FOR EACH ROW EXECUTE FUNCTION app.note_change('a');


--
-- Name: invoice invoice_customer_fkey; Type: FK CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_customer_fkey FOREIGN KEY (customer) REFERENCES app.customer(id) ON DELETE CASCADE DEFERRABLE;


--
-- Name: other_key other_key_id_fkey; Type: FK CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.other_key
    ADD CONSTRAINT other_key_id_fkey FOREIGN KEY (id) REFERENCES app.customer(id);


--
-- Name: customer; Type: ROW SECURITY; Schema: app; Owner: -
--

ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;

--
-- Name: customer own; Type: POLICY; Schema: app; Owner: -
--

CREATE POLICY own ON app.customer TO dump_reader USING ((id > 1));


--
-- PostgreSQL database dump complete
--

\unrestrict 5lELxcB3F2JaTkUC2ZvscQNziwFeDs0pfD7AI943BisyDgSX4lpYHdJ8teTZ7cC

