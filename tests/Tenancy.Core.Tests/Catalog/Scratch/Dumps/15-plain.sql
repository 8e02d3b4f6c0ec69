--
-- PostgreSQL database dump
--

\restrict OJqy9sjENrSWmE2Luz5rB2WpzRJjLZHXRqFOlgespk2L7oC7KOm3CLJVFbut5qv

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
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
-- Name: app; Type: SCHEMA; Schema: -; Owner: dump_owner
--

CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO dump_owner;

--
-- Name: amount; Type: DOMAIN; Schema: app; Owner: dump_owner
--

CREATE DOMAIN app.amount AS numeric(12,2)
	CONSTRAINT positive CHECK ((VALUE >= (0)::numeric));


ALTER DOMAIN app.amount OWNER TO dump_owner;

--
-- Name: state; Type: TYPE; Schema: app; Owner: dump_owner
--

CREATE TYPE app.state AS ENUM (
    'open',
    'it''s done'
);


ALTER TYPE app.state OWNER TO dump_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: customer; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.customer (
    id bigint NOT NULL,
    name text NOT NULL,
    note text DEFAULT 'a\b;
\! echo'::text,
    state app.state DEFAULT 'open'::app.state,
    total app.amount NOT NULL
);


ALTER TABLE app.customer OWNER TO dump_owner;

--
-- Name: TABLE customer; Type: COMMENT; Schema: app; Owner: dump_owner
--

COMMENT ON TABLE app.customer IS 'Who; pays '' \.';


--
-- Name: COLUMN customer.name; Type: COMMENT; Schema: app; Owner: dump_owner
--

COMMENT ON COLUMN app.customer.name IS 'two
lines';


--
-- Name: first_one(); Type: FUNCTION; Schema: app; Owner: dump_owner
--

CREATE FUNCTION app.first_one() RETURNS bigint
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT customer.id
    FROM app.customer
  LIMIT 1;
END;


ALTER FUNCTION app.first_one() OWNER TO dump_owner;

--
-- Name: note_change(); Type: FUNCTION; Schema: app; Owner: dump_owner
--

CREATE FUNCTION app.note_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN RETURN NEW; END$$;


ALTER FUNCTION app.note_change() OWNER TO dump_owner;

--
-- Name: total_of(bigint); Type: FUNCTION; Schema: app; Owner: dump_owner
--

CREATE FUNCTION app.total_of(c bigint) RETURNS numeric
    LANGUAGE plpgsql
    AS $_$
BEGIN
  -- SELECT pg_read_file('x'); $$ \! echo
  RETURN (SELECT total FROM app.customer WHERE id = c);
END$_$;


ALTER FUNCTION app.total_of(c bigint) OWNER TO dump_owner;

--
-- Name: parent; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.parent (
    a integer
);


ALTER TABLE app.parent OWNER TO dump_owner;

--
-- Name: child; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.child (
    b integer
)
INHERITS (app.parent);


ALTER TABLE app.child OWNER TO dump_owner;

--
-- Name: customer_id_seq; Type: SEQUENCE; Schema: app; Owner: dump_owner
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
-- Name: event; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.event (
    id integer NOT NULL,
    day date NOT NULL,
    what text
)
PARTITION BY RANGE (day);


ALTER TABLE app.event OWNER TO dump_owner;

--
-- Name: event_1; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.event_1 (
    id integer NOT NULL,
    day date NOT NULL,
    what text
);


ALTER TABLE app.event_1 OWNER TO dump_owner;

--
-- Name: invoice; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.invoice (
    id integer NOT NULL,
    customer bigint NOT NULL,
    during int4range
)
WITH (fillfactor='70');


ALTER TABLE app.invoice OWNER TO dump_owner;

--
-- Name: invoice_id_seq; Type: SEQUENCE; Schema: app; Owner: dump_owner
--

CREATE SEQUENCE app.invoice_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE app.invoice_id_seq OWNER TO dump_owner;

--
-- Name: invoice_id_seq; Type: SEQUENCE OWNED BY; Schema: app; Owner: dump_owner
--

ALTER SEQUENCE app.invoice_id_seq OWNED BY app.invoice.id;


--
-- Name: other_key; Type: TABLE; Schema: app; Owner: dump_owner
--

CREATE TABLE app.other_key (
    id integer
);


ALTER TABLE app.other_key OWNER TO dump_owner;

--
-- Name: rich; Type: VIEW; Schema: app; Owner: dump_owner
--

CREATE VIEW app.rich AS
 SELECT c.id,
    sum(i.id) AS n
   FROM (app.customer c
     JOIN app.invoice i ON ((i.customer = c.id)))
  GROUP BY c.id;


ALTER VIEW app.rich OWNER TO dump_owner;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: app; Owner: dump_owner
--

CREATE MATERIALIZED VIEW app.totals AS
 SELECT customer.state,
    sum((customer.total)::numeric) AS total
   FROM app.customer
  GROUP BY customer.state
  WITH NO DATA;


ALTER MATERIALIZED VIEW app.totals OWNER TO dump_owner;

--
-- Name: event_1; Type: TABLE ATTACH; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.event ATTACH PARTITION app.event_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');


--
-- Name: invoice id; Type: DEFAULT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.invoice ALTER COLUMN id SET DEFAULT nextval('app.invoice_id_seq'::regclass);


--
-- Data for Name: child; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.child (a, b) FROM stdin;
\.


--
-- Data for Name: customer; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.customer (id, name, note, state, total) FROM stdin;
1	a\tb	\\.	open	1.00
2	COPY x FROM stdin;	\N	open	2.00
\.


--
-- Data for Name: event_1; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.event_1 (id, day, what) FROM stdin;
1	2026-02-01	x
\.


--
-- Data for Name: invoice; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.invoice (id, customer, during) FROM stdin;
1	1	[1,2)
\.


--
-- Data for Name: other_key; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.other_key (id) FROM stdin;
\.


--
-- Data for Name: parent; Type: TABLE DATA; Schema: app; Owner: dump_owner
--

COPY app.parent (a) FROM stdin;
\.


--
-- Name: customer_id_seq; Type: SEQUENCE SET; Schema: app; Owner: dump_owner
--

SELECT pg_catalog.setval('app.customer_id_seq', 2, true);


--
-- Name: invoice_id_seq; Type: SEQUENCE SET; Schema: app; Owner: dump_owner
--

SELECT pg_catalog.setval('app.invoice_id_seq', 1, true);


--
-- Name: customer customer_pkey; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);


--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id, day);


--
-- Name: event_1 event_1_pkey; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.event_1
    ADD CONSTRAINT event_1_pkey PRIMARY KEY (id, day);


--
-- Name: invoice invoice_customer_during_key; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_customer_during_key UNIQUE NULLS NOT DISTINCT (customer, during);


--
-- Name: invoice invoice_during_excl; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_during_excl EXCLUDE USING gist (during WITH &&);


--
-- Name: invoice invoice_pkey; Type: CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (id);


--
-- Name: event_what; Type: INDEX; Schema: app; Owner: dump_owner
--

CREATE INDEX event_what ON ONLY app.event USING btree (what);


--
-- Name: event_1_what_idx; Type: INDEX; Schema: app; Owner: dump_owner
--

CREATE INDEX event_1_what_idx ON app.event_1 USING btree (what);


--
-- Name: totals_key; Type: INDEX; Schema: app; Owner: dump_owner
--

CREATE UNIQUE INDEX totals_key ON app.totals USING btree (state);


--
-- Name: event_1_pkey; Type: INDEX ATTACH; Schema: app; Owner: dump_owner
--

ALTER INDEX app.event_pkey ATTACH PARTITION app.event_1_pkey;


--
-- Name: event_1_what_idx; Type: INDEX ATTACH; Schema: app; Owner: dump_owner
--

ALTER INDEX app.event_what ATTACH PARTITION app.event_1_what_idx;


--
-- Name: customer_s; Type: STATISTICS; Schema: app; Owner: dump_owner
--

CREATE STATISTICS app.customer_s ON name, note FROM app.customer;


ALTER STATISTICS app.customer_s OWNER TO dump_owner;

--
-- Name: customer noted; Type: TRIGGER; Schema: app; Owner: dump_owner
--

CREATE TRIGGER noted BEFORE INSERT ON app.customer FOR EACH ROW EXECUTE FUNCTION app.note_change('a');


--
-- Name: invoice invoice_customer_fkey; Type: FK CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.invoice
    ADD CONSTRAINT invoice_customer_fkey FOREIGN KEY (customer) REFERENCES app.customer(id) ON DELETE CASCADE DEFERRABLE;


--
-- Name: other_key other_key_id_fkey; Type: FK CONSTRAINT; Schema: app; Owner: dump_owner
--

ALTER TABLE ONLY app.other_key
    ADD CONSTRAINT other_key_id_fkey FOREIGN KEY (id) REFERENCES app.customer(id);


--
-- Name: customer; Type: ROW SECURITY; Schema: app; Owner: dump_owner
--

ALTER TABLE app.customer ENABLE ROW LEVEL SECURITY;

--
-- Name: customer own; Type: POLICY; Schema: app; Owner: dump_owner
--

CREATE POLICY own ON app.customer TO dump_reader USING ((id > 1));


--
-- Name: TABLE customer; Type: ACL; Schema: app; Owner: dump_owner
--

GRANT SELECT ON TABLE app.customer TO dump_reader;


--
-- Name: FUNCTION total_of(c bigint); Type: ACL; Schema: app; Owner: dump_owner
--

REVOKE ALL ON FUNCTION app.total_of(c bigint) FROM PUBLIC;


--
-- Name: TABLE other_key; Type: ACL; Schema: app; Owner: dump_owner
--

GRANT SELECT ON TABLE app.other_key TO dump_reader;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: app; Owner: dump_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE dump_owner IN SCHEMA app GRANT SELECT ON TABLES TO dump_reader;


--
-- Name: totals; Type: MATERIALIZED VIEW DATA; Schema: app; Owner: dump_owner
--

REFRESH MATERIALIZED VIEW app.totals;


--
-- PostgreSQL database dump complete
--

\unrestrict OJqy9sjENrSWmE2Luz5rB2WpzRJjLZHXRqFOlgespk2L7oC7KOm3CLJVFbut5qv

