-- Why an operator suspended it; null where nobody has. What its workspace set it to stays beside it, for afterwards.
ALTER TABLE integration ADD COLUMN suspension_reason text;
