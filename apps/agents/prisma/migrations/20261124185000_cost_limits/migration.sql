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

-- Adds to what is used of the limits that entries are under. Rows are taken in one order by everybody; each statement
-- of such a function sees what is committed by then, unlike the statement that fires it.
CREATE FUNCTION add_used_micros(workspace_ids integer[], principal_ids text[], moments timestamptz[], changes bigint[],
  may_begin boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM enter_cost_ledger(id) FROM (SELECT DISTINCT unnest(workspace_ids) AS id ORDER BY id) entered;
  PERFORM FROM cost_limit
    WHERE workspace_id = ANY (workspace_ids) AND (principal_id IS NULL OR principal_id = ANY (principal_ids))
    ORDER BY workspace_id, id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE cost_limit kept SET period_start = added.start,
    used_micros = added.micros + CASE WHEN kept.period_start = added.start THEN kept.used_micros ELSE 0 END
  FROM (
    SELECT DISTINCT ON (workspace_id, id) workspace_id, id, period_start(period, moment) AS start, sum(change) AS micros
    FROM unnest(workspace_ids, principal_ids, moments, changes) AS entry (workspace_id, principal, moment, change)
      JOIN cost_limit USING (workspace_id)
    WHERE principal_id IS NULL OR principal_id = principal
    GROUP BY workspace_id, id, start ORDER BY workspace_id, id, start DESC) added
  WHERE kept.workspace_id = added.workspace_id AND kept.id = added.id
    -- A new period begins with a reservation. What a call of an earlier one gives back is of no use any more.
    AND (kept.period_start = added.start OR (may_begin AND kept.period_start < added.start));
END $$;

CREATE FUNCTION add_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_used_micros(array_agg(workspace_id), array_agg(principal_id), array_agg(reserved_at),
    array_agg(coalesce(spent_micros, reserved_micros)), true)
  FROM added HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER add_reserved AFTER INSERT ON cost_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION add_reserved();

CREATE FUNCTION give_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_used_micros(array_agg(workspace_id), array_agg(principal_id), array_agg(settled.reserved_at),
    array_agg(coalesce(settled.spent_micros, settled.reserved_micros) - coalesce(open.spent_micros, open.reserved_micros)),
    false)
  FROM settled JOIN open USING (workspace_id, run_id, call, principal_id) HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER give_back AFTER UPDATE ON cost_entry REFERENCING OLD TABLE AS open NEW TABLE AS settled
  FOR EACH STATEMENT EXECUTE FUNCTION give_back();
