-- How often executing the run failed unexpectedly: what ends it. Its epoch also counts processes that were killed, and
-- says nothing about the run. Runs with search_path = agents, as the owner.
ALTER TABLE run ADD COLUMN faults integer NOT NULL DEFAULT 0;
GRANT UPDATE (faults) ON run TO magistry_agents_across;
