-- What model calls have cost in a period, and what they may. Runs with search_path = agents, as the owner.

CREATE INDEX cost_entry_period_idx ON cost_entry (workspace_id, reserved_at);
