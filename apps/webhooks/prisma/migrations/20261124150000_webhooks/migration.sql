-- Endpoints, events, deliveries and attempts. Runs with search_path = webhooks, as the owner.
--
-- Who writes what. `main`: endpoint, endpoint_secret, event, new deliveries, jobs, and what a caller asks for
-- (retry, replay, cancel). `worker`: attempt, the course of a delivery, endpoint_health, and endpoint.is_active with
-- its reason when it disables or recovers one.
--
-- A delivery is due when next_attempt_at <= now, its endpoint may be sent to, and no lease is held. `infinity` holds
-- it: its endpoint is inactive or polls, or the head of its ordering key is before it. Whoever ends a delivery or its
-- endpoint's pause sets next_attempt_at, so that the look-up of due rows never walks over rows that are not.
--
-- Retention is by week: event, delivery and attempt are partitioned by the EVENT's time (created_at in all three), so
-- that the rows of one event live and go together, and every look-up that knows created_at touches one partition.

-- A receiver. Its settings alone: what changes with every attempt is in endpoint_health.
CREATE TABLE endpoint (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id integer NOT NULL,
  -- Null: nothing is pushed, the receiver polls.
  url text,
  -- Normalised: sorted, no duplicate, nothing that a wildcard covers.
  events text[] NOT NULL CHECK (cardinality(events) > 0),
  is_active boolean NOT NULL DEFAULT true,
  -- Why it is inactive: `manual` (PATCH), `gone` (410), `failing` (days of failures); null while active.
  disabled_reason text CHECK (disabled_reason IN ('manual', 'gone', 'failing')),
  disabled_at timestamptz(3),
  -- `hmac` sends v1 signatures by its secrets; `ed25519` sends v1a by the platform's signing_key besides.
  signing text NOT NULL DEFAULT 'hmac' CHECK (signing IN ('hmac', 'ed25519')),
  -- [{path, op, value}], all must hold; null lets everything pass. Judged at fan-out.
  filter json,
  -- Path into the body, such as data.subject; null sends in no order. Judged at fan-out (delivery.ordering_key).
  ordering_path text,
  ordering_on_failure text CHECK (ordering_on_failure IN ('block', 'skip', 'dead_letter')),
  -- Seconds between attempts, 1 to 20 of them; null is the platform's schedule.
  retry_schedule integer[] CHECK (cardinality(retry_schedule) BETWEEN 1 AND 20),
  -- Date of the shape that payloads of the platform's events have; read at every attempt.
  api_version text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  -- Its secrets are removed in the same commit; nothing is sent from then on.
  deleted_at timestamptz(3),

  CONSTRAINT endpoint_disabled_check CHECK (is_active = (disabled_reason IS NULL)),
  CONSTRAINT endpoint_ordering_check CHECK ((ordering_path IS NULL) = (ordering_on_failure IS NULL))
);
CREATE INDEX endpoint_workspace_id_idx ON endpoint (workspace_id, id) WHERE deleted_at IS NULL;

-- What signs: the newest row has no end; those before it sign along until expires_at. Sealed with the endpoint's id.
CREATE TABLE endpoint_secret (
  endpoint_id integer NOT NULL REFERENCES endpoint (id),
  number integer NOT NULL,
  workspace_id integer NOT NULL,
  sealed_secret bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  PRIMARY KEY (endpoint_id, number)
);

-- How an endpoint fares; one row each, made with it. Written by the worker, shown by the API.
CREATE TABLE endpoint_health (
  endpoint_id integer PRIMARY KEY REFERENCES endpoint (id),
  workspace_id integer NOT NULL,
  -- Attempts, tests excluded.
  success_count bigint NOT NULL DEFAULT 0,
  failure_count bigint NOT NULL DEFAULT 0,
  consecutive_failures integer NOT NULL DEFAULT 0,
  last_delivery_at timestamptz(3),
  -- Since when no attempt has succeeded; null while the last one did.
  failing_since timestamptz(3),
  -- The highest warning sent since failing_since, in percent of the time until it is disabled.
  warned_percent smallint NOT NULL DEFAULT 0,
  breaker_state text NOT NULL DEFAULT 'closed' CHECK (breaker_state IN ('closed', 'open', 'half_open')),
  breaker_reason text,
  breaker_changed_at timestamptz(3),
  -- While open: when the next probe may go.
  breaker_until timestamptz(3),
  -- Opened so often without closing in between.
  breaker_trips integer NOT NULL DEFAULT 0,
  -- The pace now, lowered by 429 and 503 and raised again; null is the full one. paused_until: Retry-After.
  rate_per_s real,
  rate_changed_at timestamptz(3),
  paused_until timestamptz(3)
) WITH (fillfactor = 50);

-- Keys of `signing: ed25519`, the platform's own: published at /.well-known/webhook-keys.json by kid.
CREATE TABLE signing_key (
  kid text PRIMARY KEY,
  public_key bytea NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  retired_at timestamptz(3)
);

-- What happened, once: kept for a workspace that has an endpoint, and for whatever was published by API.
CREATE TABLE event (
  -- When it happened; the partition.
  created_at timestamptz(3) NOT NULL,
  workspace_id integer NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  -- The body's data in the newest shape, member order kept; src/domain/render-body.ts makes a pinned body of it.
  data json NOT NULL,
  -- True for the platform's types, which follow version pins.
  is_platform boolean NOT NULL,
  -- The trace that it came with (W3C), for attempts to link to.
  traceparent text,
  PRIMARY KEY (created_at, workspace_id, id)
) PARTITION BY RANGE (created_at);
CREATE INDEX event_workspace_id_idx ON event (workspace_id, created_at, id);

-- Ids that publishers chose: the second POST of an id finds the first one's event.
CREATE TABLE published_id (
  workspace_id integer NOT NULL,
  event_id text NOT NULL,
  fingerprint bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX published_id_created_at_idx ON published_id (created_at);

-- One event on its way to one endpoint: one row, however often it is retried or replayed. By id in the order of
-- fan-out, which for one workspace's ledger is the ledger's.
CREATE SEQUENCE delivery_id_seq AS bigint;
CREATE TABLE delivery (
  id bigint NOT NULL DEFAULT nextval('delivery_id_seq'),
  created_at timestamptz(3) NOT NULL,
  workspace_id integer NOT NULL,
  endpoint_id integer NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  -- pending: not tried in this round; retrying: tried and failed, waits; success and failed are ends.
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'retrying', 'success', 'failed')),
  -- Why it failed for good: `exhausted`, `gone`, `endpoint_deleted`, `unsubscribed`, `dead_letter` (ordering), …
  reason text,
  -- Attempts made, over all rounds: the next one is number attempt + 1.
  attempt integer NOT NULL DEFAULT 0,
  -- Attempts made in this round of the schedule: a replay begins at 0, a manual retry goes on where it stands.
  schedule_step smallint NOT NULL DEFAULT 0,
  -- What caused the next attempt; copied to attempt.cause.
  cause text NOT NULL DEFAULT 'event' CHECK (cause IN ('event', 'manual', 'replay')),
  -- The job that asked last, so that a resumed replay takes no row twice.
  replay_job_id text,
  next_attempt_at timestamptz(3) NOT NULL,
  -- Held by a worker until then; a lease that has run out is anybody's.
  leased_until timestamptz(3),
  lease_token text,
  -- The value at the endpoint's ordering_path: one delivery of a key is under way at a time, smallest id first.
  ordering_key text,
  -- Of the last attempt: status, or null with the error's code when nothing answered.
  response_code smallint,
  error text,
  queued_at timestamptz(3) NOT NULL,
  delivered_at timestamptz(3),
  PRIMARY KEY (created_at, endpoint_id, event_id),
  CONSTRAINT delivery_delivered_check CHECK ((status = 'success') = (delivered_at IS NOT NULL))
) PARTITION BY RANGE (created_at);
-- What is due: all in all, and endpoint by endpoint for a fair look-up.
CREATE INDEX delivery_due_idx ON delivery (next_attempt_at) WHERE status IN ('pending', 'retrying');
CREATE INDEX delivery_endpoint_due_idx ON delivery (endpoint_id, next_attempt_at)
  WHERE status IN ('pending', 'retrying');
-- Lists newest first, one delivery by its id, polling.
CREATE INDEX delivery_endpoint_id_idx ON delivery (endpoint_id, id);
CREATE INDEX delivery_ordering_idx ON delivery (endpoint_id, ordering_key, id)
  WHERE ordering_key IS NOT NULL AND status IN ('pending', 'retrying');

-- What was sent and what was answered; added, never changed.
CREATE TABLE attempt (
  -- The event's time, not the attempt's: the partition.
  created_at timestamptz(3) NOT NULL,
  delivery_id bigint NOT NULL,
  number integer NOT NULL,
  workspace_id integer NOT NULL,
  endpoint_id integer NOT NULL,
  cause text NOT NULL CHECK (cause IN ('event', 'manual', 'replay', 'probe')),
  url text NOT NULL,
  succeeded boolean NOT NULL,
  -- Null when nothing answered; then error is its code: `timeout`, `refused_address`, `dns`, `tls`, …
  status_code smallint,
  error text,
  response_headers json,
  -- The first 16 KiB; bytes, for it may be anything.
  response_body bytea,
  started_at timestamptz(3) NOT NULL,
  duration_ms integer NOT NULL,
  -- {dns, connect, tls, first_byte} in milliseconds, as far as it came.
  phases_ms json,
  PRIMARY KEY (created_at, delivery_id, number)
) PARTITION BY RANGE (created_at);

-- Kinds of events that a workspace has registered; the newest version of a type is enforced at publish.
CREATE TABLE event_type (
  workspace_id integer NOT NULL,
  type text NOT NULL,
  version integer NOT NULL,
  schema json NOT NULL,
  example json,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (workspace_id, type, version)
);

-- Replays: what was asked for, how far it is, who works on it.
CREATE TABLE job (
  id text PRIMARY KEY,
  workspace_id integer NOT NULL,
  type text NOT NULL CHECK (type IN ('webhook_replay')),
  endpoint_id integer NOT NULL REFERENCES endpoint (id),
  status text NOT NULL DEFAULT 'queued'
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  request json NOT NULL,
  -- How many events match; null until they have been counted.
  total bigint,
  done bigint NOT NULL DEFAULT 0,
  -- The last event taken, (created_at, id): where a resumed job goes on.
  cursor_created_at timestamptz(3),
  cursor_event_id text,
  leased_until timestamptz(3),
  error text,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  finished_at timestamptz(3)
);
CREATE INDEX job_workspace_id_idx ON job (workspace_id, created_at);
CREATE INDEX job_open_idx ON job (created_at) WHERE status IN ('queued', 'running');

-- How far a source's shard has been turned into deliveries; moved in the commit of those deliveries.
CREATE TABLE event_cursor (
  source text NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (source, shard)
);

-- As in identity: HMAC of the key, fingerprint of the request, and its first answer, sealed.
CREATE TABLE idempotency (
  workspace_id integer NOT NULL,
  key_hmac bytea NOT NULL,
  fingerprint bytea NOT NULL,
  request_id text NOT NULL,
  sealed_answer bytea,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (workspace_id, key_hmac)
);
CREATE INDEX idempotency_expires_at_idx ON idempotency (expires_at);

-- Partitions are the owner's; the service may only ask for the weeks of a time span, and for what is older to go.
-- Attached rather than created in place, so that readers and writers of the other weeks go on.
CREATE FUNCTION make_partitions(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parent text;
  week timestamp := date_trunc('week', first AT TIME ZONE 'UTC');
  partition text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('webhooks.partitions'));
  WHILE week <= last AT TIME ZONE 'UTC' LOOP
    FOREACH parent IN ARRAY ARRAY['event', 'delivery', 'attempt'] LOOP
      partition := format('%s_%s', parent, to_char(week, 'YYYYMMDD'));
      IF to_regclass(partition) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition,
          week AT TIME ZONE 'UTC', (week + interval '7 days') AT TIME ZONE 'UTC');
        made := made + 1;
      END IF;
    END LOOP;
    week := week + interval '7 days';
  END LOOP;
  RETURN made;
END $$;

-- Removes the weeks that ended before `kept_from`, and says which.
CREATE FUNCTION drop_partitions(kept_from timestamptz) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  partition text;
  dropped text[] := '{}';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('webhooks.partitions'));
  FOR partition IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('event'::regclass, 'delivery'::regclass, 'attempt'::regclass)
       AND to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp + interval '7 days'
           <= kept_from AT TIME ZONE 'UTC'
     ORDER BY 1
  LOOP
    EXECUTE format('DROP TABLE %I', partition);
    dropped := dropped || partition;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION make_partitions(timestamptz, timestamptz), drop_partitions(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partitions(timestamptz, timestamptz), drop_partitions(timestamptz)
  TO magistry_webhooks_across;
SELECT make_partitions(now() - interval '8 days', now() + interval '14 days');

-- Row security (docs/adr/0015): the service's login sees the workspace that its transaction was opened for. Fan-out,
-- the worker, jobs and housekeeping take the role magistry_webhooks_across.
CREATE FUNCTION own_workspace_id() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('magistry.workspace_id', true), '')::integer $$;

DO $$
DECLARE
  secured text;
BEGIN
  FOREACH secured IN ARRAY ARRAY['endpoint', 'endpoint_secret', 'endpoint_health', 'event', 'published_id',
    'delivery', 'attempt', 'event_type', 'job', 'idempotency'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', secured);
    EXECUTE format('CREATE POLICY own_workspace ON %I TO magistry_webhooks
      USING (workspace_id = own_workspace_id())', secured);
    EXECUTE format('CREATE POLICY across ON %I TO magistry_webhooks_across USING (true)', secured);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON endpoint, delivery, job TO magistry_webhooks, magistry_webhooks_across;
GRANT SELECT, INSERT, UPDATE, DELETE ON endpoint_secret TO magistry_webhooks, magistry_webhooks_across;
GRANT SELECT, INSERT, UPDATE ON endpoint_health TO magistry_webhooks, magistry_webhooks_across;
GRANT SELECT, INSERT ON event, attempt TO magistry_webhooks, magistry_webhooks_across;
GRANT SELECT, INSERT ON published_id, event_type TO magistry_webhooks;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO magistry_webhooks;
GRANT SELECT (expires_at), DELETE ON idempotency TO magistry_webhooks_across;
GRANT SELECT, DELETE ON published_id TO magistry_webhooks_across;
GRANT SELECT, INSERT, UPDATE ON event_cursor TO magistry_webhooks_across;
GRANT SELECT ON signing_key TO magistry_webhooks;
GRANT SELECT, INSERT, UPDATE ON signing_key TO magistry_webhooks_across;
GRANT USAGE ON SEQUENCE delivery_id_seq TO magistry_webhooks, magistry_webhooks_across;
