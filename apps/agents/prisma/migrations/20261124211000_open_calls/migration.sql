-- Open calls of ended runs are looked for among those of the last minutes, over all workspaces (docs/adr/0033). A block
-- range index costs a reservation nothing, and a settlement touches none of its columns. Runs with search_path = agents,
-- as the owner.
CREATE INDEX cost_entry_reserved_idx ON cost_entry USING brin (reserved_at) WITH (pages_per_range = 16, autosummarize = on);
