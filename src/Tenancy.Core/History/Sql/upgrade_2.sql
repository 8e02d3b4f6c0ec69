-- From version 1 to 2 of the history tables.

-- What a run was asked to do; one row where it had something to do.
CREATE TABLE @history@.run (
  fleet text NOT NULL,
  id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  target text NOT NULL,
  transaction_mode text NOT NULL,
  -- Secret values are not in it.
  arguments jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now(),
  -- When all that it committed without waiting for the disk became durable, in one database a server; null where it waited with each commit, or did not get there.
  durable_at timestamptz,
  who text NOT NULL DEFAULT session_user,
  tool_version text NOT NULL,
  PRIMARY KEY (fleet, id)
);

-- What is needed to go on with a run that was stopped: target, arguments, rings, manifests, and all its tenants in whatever database. One row a run, in the
-- first of its databases that had something to do.
CREATE TABLE @history@.run_request (
  fleet text NOT NULL,
  run uuid NOT NULL,
  document jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  who text NOT NULL DEFAULT session_user,
  PRIMARY KEY (fleet, run)
);

-- How far the rings of a run's rollout are; beside its row in run_request.
CREATE TABLE @history@.ring (
  fleet text NOT NULL,
  run uuid NOT NULL,
  number integer NOT NULL,
  name text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  -- When the last of its tenants was done; null before.
  ended_at timestamptz,
  soak_until timestamptz,
  verified_at timestamptz,
  PRIMARY KEY (fleet, run, number)
);

-- Up to which row of history everything that a fleet committed is known to be on the disk. Behind it is what a run has committed without waiting and has not made durable: it goes on, or was killed.
CREATE TABLE @history@.flushed (
  fleet text PRIMARY KEY,
  history_id bigint NOT NULL
);

-- How far a stage that commits in batches has come; null for any other.
ALTER TABLE @history@.stage ADD COLUMN position text;

-- When a removal was begun that takes several transactions; null but for tenants of which a part is gone.
ALTER TABLE @history@.tenant ADD COLUMN removal_begun timestamptz;

-- What a schema that was renamed was called before: what happened to it then is kept under that name.
ALTER TABLE @history@.history ADD COLUMN former_schema text;
CREATE INDEX history_of_rename ON @history@.history (fleet, schema, id) WHERE former_schema IS NOT NULL;

-- Each is read from its text and compiled anew with every row, which cost a revision more than the row itself; only this engine's functions write here, and they have nothing else to write.
ALTER TABLE @history@.head DROP CONSTRAINT head_scope_check;
ALTER TABLE @history@.history DROP CONSTRAINT history_scope_check, DROP CONSTRAINT history_direction_check, DROP CONSTRAINT history_outcome_check;

-- It takes a message now.
DROP FUNCTION IF EXISTS @history@.record_revision(uuid, text, text, text, oid, text, text, text, text, text, text[], text[]);

-- They take several schemas now.
DROP FUNCTION IF EXISTS @history@.prove(oid, name, text[], text[], boolean);
DROP FUNCTION IF EXISTS @history@.rows_outside(regclass[], oid);

-- They take the relations that are locked now.
DROP FUNCTION IF EXISTS @history@.own_versions(oid);
DROP FUNCTION IF EXISTS @history@.column_updates(oid);

-- It gives another row now.
DROP FUNCTION IF EXISTS @history@.object_classes();
