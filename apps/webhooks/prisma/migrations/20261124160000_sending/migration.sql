-- What the worker asks besides: whether a key of an ordered endpoint is blocked by one that failed.
CREATE INDEX delivery_failed_key_idx ON delivery (endpoint_id, ordering_key, id)
  WHERE ordering_key IS NOT NULL AND status = 'failed';
