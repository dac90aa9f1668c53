-- Whether a message's credit is charged, which happens behind its commit and once, by the message's id. Refused: the
-- plan had none left, and the message was ended before it began. Waived: that turned out when it was answered.
ALTER TABLE run ADD COLUMN credit text CHECK (credit IN ('due', 'charged', 'refused', 'waived'));
CREATE INDEX run_credit_due_idx ON run (created_at) WHERE credit = 'due';

GRANT UPDATE (credit) ON run TO magistry_agents_across;
