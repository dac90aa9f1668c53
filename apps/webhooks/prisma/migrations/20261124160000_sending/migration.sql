-- What the worker asks besides: whether a key of an ordered endpoint is blocked by one that failed.
CREATE INDEX delivery_failed_key_idx ON delivery (endpoint_id, ordering_key, id)
  WHERE ordering_key IS NOT NULL AND status = 'failed';

-- New deliveries tell the worker of their endpoints, with the commit that makes them: whoever adds one need not
-- know that somebody waits, and cannot forget to say so. What nobody heard is found by the worker's next look.
CREATE FUNCTION tell_of_deliveries() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_notify('webhook_deliveries', endpoint_id::text) FROM (SELECT DISTINCT endpoint_id FROM made) AS told;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_of_deliveries AFTER INSERT ON delivery REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_deliveries();
