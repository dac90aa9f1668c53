-- Ended runs in the order in which they are exported to files (MAGSAG_RUNS_BASE_DIR). Runs with search_path = agents,
-- as the owner.
CREATE INDEX run_ended_idx ON run (ended_at, id) WHERE status <> 'running' AND kind <> 'message';
