-- A run's row changes with each of its commits. No index has a column that changes while the run goes on, and each
-- page has room for the next version: so that an append writes one tuple and touches no index.
DROP INDEX run_open_idx;
CREATE INDEX run_open_idx ON run (created_at) WHERE status = 'running';
ALTER TABLE run SET (fillfactor = 50);
