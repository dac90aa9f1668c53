-- Who did what, on every resource (docs/adr/0019). Runs with search_path = decisions, as the owner; the service's
-- roles may add rows and never change or remove one.

CREATE TABLE audit_log (
  -- In the order of the commits, whoever writes: what a reader has passed is never filled in behind it.
  number bigint PRIMARY KEY,
  id text NOT NULL,
  -- The service that it was recorded in, and its place there; the ledger's own rows are in the commit that they tell of.
  source text NOT NULL,
  shard integer,
  position bigint,
  -- Null for what belongs to no workspace.
  workspace_id integer,
  action text NOT NULL,
  actor text NOT NULL,
  subject text NOT NULL,
  details json NOT NULL,
  request_id text,
  address text,
  -- ISO 8601 UTC, whole seconds.
  occurred_at text NOT NULL,
  UNIQUE (source, shard, position)
);
CREATE INDEX audit_log_workspace ON audit_log (workspace_id, number);

-- How far each shard of another service's outbox is taken in.
CREATE TABLE audit_inbox (
  source text NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (source, shard)
);

-- Numbers are given under a lock that lasts until the commit, so that their order is that of the commits. Only who
-- writes a row takes it: few commits do.
CREATE SEQUENCE audit_log_number;
CREATE FUNCTION number_audit_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  -- "audt" in ASCII.
  PERFORM pg_advisory_xact_lock(1635083380);
  NEW.number := nextval('audit_log_number');
  RETURN NEW;
END $$;
CREATE TRIGGER audit_log_number BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION number_audit_row();

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP;
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON audit_log FOR SELECT TO magistry_decisions
  USING (workspace_id = own_workspace_id());
CREATE POLICY across ON audit_log TO magistry_decisions_across USING (true);

GRANT SELECT ON audit_log TO magistry_decisions;
GRANT SELECT, INSERT ON audit_log TO magistry_decisions_across;
GRANT USAGE ON SEQUENCE audit_log_number TO magistry_decisions_across;
GRANT SELECT, INSERT, UPDATE ON audit_inbox TO magistry_decisions_across;
