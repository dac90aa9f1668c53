-- What model calls have cost in a period, and what they may. Runs with search_path = agents, as the owner.

CREATE INDEX cost_entry_period_idx ON cost_entry (workspace_id, reserved_at);

-- What a workspace may spend in a day or month of UTC, or one principal of it, such as a key.
CREATE TABLE cost_limit (
  workspace_id integer NOT NULL,
  id integer GENERATED ALWAYS AS IDENTITY,
  -- Null where the whole workspace is limited.
  principal_id text,
  period text NOT NULL CHECK (period IN ('day', 'month')),
  micros_max bigint NOT NULL CHECK (micros_max >= 0),
  -- The sum of cost_entry over the period that begins here, open reservations included. The row is the lock.
  period_start date NOT NULL,
  used_micros bigint NOT NULL,
  changed_at timestamptz(3) NOT NULL,

  CONSTRAINT cost_limit_pkey PRIMARY KEY (workspace_id, id),
  CONSTRAINT cost_limit_subject_key UNIQUE NULLS NOT DISTINCT (workspace_id, principal_id, period)
);

ALTER TABLE cost_limit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON cost_limit TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY across ON cost_limit TO magistry_agents_across USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cost_limit TO magistry_agents;
GRANT SELECT, UPDATE (period_start, used_micros) ON cost_limit TO magistry_agents_across;

CREATE FUNCTION period_start(period text, at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
  $$ SELECT date_trunc(period, at AT TIME ZONE 'UTC')::date $$;

-- Whoever changes the ledger of a workspace is inside, and whoever sets a limit alone: a limit starts with the whole
-- ledger before it, and misses nothing behind it.
CREATE FUNCTION enter_cost_ledger(id integer) RETURNS void LANGUAGE sql AS
  $$ SELECT pg_advisory_xact_lock_shared(hashtext('agents.cost-ledger'), id) $$;
CREATE FUNCTION enter_cost_ledger_alone(id integer) RETURNS void LANGUAGE sql AS
  $$ SELECT pg_advisory_xact_lock(hashtext('agents.cost-ledger'), id) $$;

-- Enters each, and returns those that have limits, which are looked at once inside.
CREATE FUNCTION enter_cost_ledgers(ids integer[]) RETURNS integer[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM enter_cost_ledger(id) FROM (SELECT DISTINCT unnest(ids) AS id ORDER BY id) entered;
  RETURN ARRAY(SELECT DISTINCT workspace_id FROM cost_limit WHERE workspace_id = ANY (ids));
END $$;

-- Each statement of such a function sees what is committed by then, unlike the statement that fires it.
CREATE FUNCTION keep_used_micros() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change bigint := coalesce(NEW.spent_micros, NEW.reserved_micros);
BEGIN
  PERFORM enter_cost_ledger(NEW.workspace_id);
  IF TG_OP = 'UPDATE' THEN
    change := change - coalesce(OLD.spent_micros, OLD.reserved_micros);
  END IF;
  UPDATE cost_limit kept SET
    used_micros = change + CASE WHEN kept.period_start = held.entry_start THEN kept.used_micros ELSE 0 END,
    period_start = held.entry_start
  FROM (
    SELECT id, period_start(period, NEW.reserved_at) AS entry_start FROM cost_limit
    WHERE workspace_id = NEW.workspace_id AND (principal_id IS NULL OR principal_id = NEW.principal_id)
    ORDER BY id FOR UPDATE) held
  WHERE kept.workspace_id = NEW.workspace_id AND kept.id = held.id
    -- A new period begins with a reservation. What a call of an earlier one gives back is of no use any more.
    AND (kept.period_start = held.entry_start OR (TG_OP = 'INSERT' AND kept.period_start < held.entry_start));
  RETURN NULL;
END $$;
CREATE TRIGGER keep_used_micros AFTER INSERT OR UPDATE OF spent_micros ON cost_entry
  FOR EACH ROW EXECUTE FUNCTION keep_used_micros();
