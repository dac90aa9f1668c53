-- The key of an agent's own model, sealed. Runs with search_path = agents, as the owner.
ALTER TABLE agent ADD COLUMN sealed_model_key bytea;

-- What was removed is kept until no run needs it any more; then whoever looks across deletes it.
GRANT DELETE ON agent TO magistry_agents_across;
GRANT UPDATE (sealed_model_key) ON agent TO magistry_agents_across;
