-- The history tables, version 1. @history@ is replaced by the schema's quoted name.
CREATE TABLE @history@.installation (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  version integer NOT NULL,
  -- Both differ after a restore of the whole database: then every recorded schema OID is refreshed.
  database_oid oid NOT NULL,
  history_oid oid NOT NULL,
  tool_version text NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE @history@.tenant (
  fleet text NOT NULL,
  schema text NOT NULL,
  name text NOT NULL,
  schema_oid oid NOT NULL,
  labels jsonb NOT NULL DEFAULT '{}',
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, schema)
);

CREATE TABLE @history@.head (
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  revision text NOT NULL,
  -- A different OID in pg_namespace means that the schema was dropped and made again.
  schema_oid oid NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, scope, schema, revision)
);

-- The stages done so far of a revision that takes several transactions; gone when its head moves.
CREATE TABLE @history@.stage (
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  revision text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  number integer NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('started', 'done')),
  description text NOT NULL,
  checksum text NOT NULL,
  schema_oid oid NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fleet, scope, schema, revision, number)
);

CREATE TABLE @history@.history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run uuid NOT NULL,
  fleet text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('tenant', 'shared')),
  schema text NOT NULL,
  tenant text NOT NULL,
  revision text,
  direction text NOT NULL CHECK (direction IN ('up', 'down', 'stamp', 'create', 'remove', 'rename', 'repair')),
  step text,
  outcome text NOT NULL CHECK (outcome IN ('started', 'done', 'failed')),
  checksum text,
  started_at timestamptz NOT NULL,
  seconds double precision NOT NULL,
  who text NOT NULL DEFAULT session_user,
  tool_version text NOT NULL,
  sqlstate text,
  position text,
  message text
);

CREATE INDEX history_of_schema ON @history@.history (fleet, scope, schema, id);
-- Lets the distinct checksums of each revision be read in as many probes as there are revisions, whatever the number of tenants.
CREATE INDEX history_of_checksum ON @history@.history (fleet, scope, revision, checksum)
  WHERE step IS NULL AND outcome = 'done' AND direction IN ('up', 'stamp', 'repair');

-- The manifests as applied, once a checksum.
CREATE TABLE @history@.revision_text (
  checksum text PRIMARY KEY,
  revision text NOT NULL,
  manifest text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
