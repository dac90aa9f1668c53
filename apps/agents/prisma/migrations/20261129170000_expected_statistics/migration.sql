-- What the tables of runs will be like, told to the planner until they are counted (ANALYZE, which autovacuum does
-- within minutes): without, a plan that is made while they are new finds a run among all of its workspace, and is kept.
-- Postgres 18 and later can be told; before, the first minutes are slow. Runs with search_path = agents, as the owner.
DO $$
BEGIN
  IF current_setting('server_version_num')::int < 180000 THEN
    RETURN;
  END IF;
  -- n_distinct: so many values, or where it is negative so many for each row.
  PERFORM pg_restore_attribute_stats('schemaname', current_schema()::text, 'relname', relname, 'attname', attname,
    'inherited', false, 'null_frac', 0::real, 'avg_width', avg_width, 'n_distinct', n_distinct)
  FROM (VALUES
    ('run', 'workspace_id', 4, 10::real), ('run', 'id', 31, -0.9),
    ('run_event', 'workspace_id', 4, 10), ('run_event', 'run_id', 31, -0.1), ('run_event', 'sequence', 4, 50),
    ('cost_entry', 'workspace_id', 4, 10), ('cost_entry', 'run_id', 31, -0.5), ('cost_entry', 'root_id', 31, -0.4),
    ('cost_entry', 'call', 4, 10)
  ) AS expected (relname, attname, avg_width, n_distinct);
END $$;
