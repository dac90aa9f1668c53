-- Sessions can be listed by their age, and erased with everything that was said in them (docs/adr/0041). Runs with
-- search_path = agents, as the owner.

CREATE INDEX session_list_idx ON session (workspace_id, owner_id, created_at, id);

-- What was said in an erased run is gone: its input, its output, its log, its files. That it was, and what it cost,
-- stays.
ALTER TABLE run ADD COLUMN erased_at timestamptz(3);

-- An ended run stays as it ended, whoever is late; but it can be erased, once and for good.
CREATE OR REPLACE FUNCTION keep_ended_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_erased boolean := OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL;
BEGIN
  IF is_erased AND (OLD.status = 'running' OR NEW.input::text <> '{}' OR NEW.outcome -> 'output' IS NOT NULL
      OR num_nonnulls(NEW.session_owner, NEW.session_id, NEW.turn, NEW.fingerprint) > 0) THEN
    RAISE EXCEPTION 'run % is not erased by what leaves its contents', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.erased_at IS NOT NULL AND (NEW.erased_at, NEW.input::text, NEW.session_owner, NEW.session_id)
    IS DISTINCT FROM (OLD.erased_at, OLD.input::text, OLD.session_owner, OLD.session_id) THEN
    RAISE EXCEPTION 'run % was erased', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.status <> 'running' AND ((NEW.status, NEW.sequence, NEW.event_id, NEW.epoch, NEW.ended_at)
    IS DISTINCT FROM (OLD.status, OLD.sequence, OLD.event_id, OLD.epoch, OLD.ended_at)
    OR NOT is_erased AND NEW.outcome::text IS DISTINCT FROM OLD.outcome::text) THEN
    RAISE EXCEPTION 'run % has ended as %', OLD.id, OLD.status USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.sequence < OLD.sequence OR NEW.event_id < OLD.event_id OR NEW.epoch < OLD.epoch THEN
    RAISE EXCEPTION 'run % goes backwards', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- An entry is within what its run has counted, which an ended run no longer does, and an erased one never again.
CREATE OR REPLACE FUNCTION count_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM run WHERE workspace_id = NEW.workspace_id AND id = NEW.run_id AND sequence >= NEW.sequence
    AND erased_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry % of run % was not counted', NEW.sequence, NEW.run_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- A log loses no entry but with its run's contents.
CREATE FUNCTION keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM run WHERE workspace_id = OLD.workspace_id AND id = OLD.run_id AND erased_at IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the log of run % is append-only', OLD.run_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER keep_entry BEFORE DELETE ON run_event FOR EACH ROW EXECUTE FUNCTION keep_entry();

GRANT DELETE ON session, session_memory, attachment, run_event TO magistry_agents;
