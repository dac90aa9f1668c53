-- What a key spends counts for the limits of the keys that made it, too. Runs with search_path = agents, as the owner.

-- Of whoever began the run: who made its key, and who made that one. In all of their limits the entry is.
ALTER TABLE cost_entry ADD COLUMN maker_ids text[] NOT NULL DEFAULT '{}';

-- Principals whose limits an entry counts for; null stands for the workspace.
CREATE FUNCTION subjects_of(principal_id text, maker_ids text[]) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS
  $$ SELECT unnest(array_remove(maker_ids, principal_id) || principal_id || NULL::text) $$;

-- As before, but an entry is given once for each of its subjects.
DROP FUNCTION add_used_micros;
CREATE FUNCTION add_used_micros(workspace_ids integer[], subjects text[], moments timestamptz[],
  changes bigint[], may_begin boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM enter_cost_ledger(id) FROM (SELECT DISTINCT unnest(workspace_ids) AS id ORDER BY id) entered;
  PERFORM FROM cost_limit
    WHERE workspace_id = ANY (workspace_ids) AND (principal_id IS NULL OR principal_id = ANY (subjects))
    ORDER BY workspace_id, id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE cost_limit kept SET period_start = added.start,
    used_micros = added.micros + CASE WHEN kept.period_start = added.start THEN kept.used_micros ELSE 0 END
  FROM (
    SELECT DISTINCT ON (workspace_id, id) workspace_id, id, period_start(period, moment) AS start, sum(change) AS micros
    FROM unnest(workspace_ids, subjects, moments, changes) AS entry (workspace_id, subject, moment, change)
      JOIN cost_limit USING (workspace_id)
    WHERE principal_id IS NOT DISTINCT FROM subject
    GROUP BY workspace_id, id, start ORDER BY workspace_id, id, start DESC) added
  WHERE kept.workspace_id = added.workspace_id AND kept.id = added.id
    -- A new period begins with a reservation. What a call of an earlier one gives back is of no use any more.
    AND (kept.period_start = added.start OR (may_begin AND kept.period_start < added.start));
END $$;

CREATE OR REPLACE FUNCTION add_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_used_micros(array_agg(workspace_id), array_agg(subject), array_agg(reserved_at),
    array_agg(coalesce(spent_micros, reserved_micros)), true)
  FROM added CROSS JOIN subjects_of(principal_id, maker_ids) subject HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION give_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_used_micros(array_agg(workspace_id), array_agg(subject), array_agg(settled.reserved_at),
    array_agg(coalesce(settled.spent_micros, settled.reserved_micros)
      - coalesce(open.spent_micros, open.reserved_micros)), false)
  FROM settled JOIN open USING (workspace_id, run_id, call, principal_id)
    CROSS JOIN subjects_of(principal_id, settled.maker_ids) subject HAVING count(*) > 0;
  RETURN NULL;
END $$;
