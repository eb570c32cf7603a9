-- Rules about the unit itself, beside its presence.
ALTER TABLE alarm_rules DROP CONSTRAINT alarm_rules_kind_check;
ALTER TABLE alarm_rules ADD CONSTRAINT alarm_rules_kind_check CHECK (kind IN
  ('threshold', 'device_offline', 'unit_offline', 'unit_runway', 'unit_certificate', 'unit_clock', 'unit_seal', 'unit_fault'));
CREATE INDEX alarms_cleared ON alarms (cleared_at) WHERE cleared_at IS NOT NULL;
CREATE INDEX seals_different ON seals (tenant_id, unit_id, judged_at) WHERE verdict = 'different';

-- One command for many devices: the batch is the intention, each device has its own row in the ledger.
CREATE TABLE command_batches (
  id             uuid PRIMARY KEY,
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  name           text NOT NULL,
  input          jsonb NOT NULL,
  issued_by      uuid,
  issued_by_name text NOT NULL,
  issued_at      timestamptz(3) NOT NULL,
  deadline_at    timestamptz(3) NOT NULL,
  -- Devices asked for that got no command, with why.
  skipped        jsonb NOT NULL,
  cancelled_at   timestamptz(3),
  UNIQUE (tenant_id, id)
);
CREATE INDEX command_batches_by_time ON command_batches (tenant_id, issued_at DESC, id DESC);
CALL isolate_tenant('command_batches');

ALTER TABLE commands ADD COLUMN batch_id uuid;
ALTER TABLE commands ADD CONSTRAINT commands_batch FOREIGN KEY (tenant_id, batch_id) REFERENCES command_batches (tenant_id, id);
CREATE INDEX commands_by_batch ON commands (tenant_id, batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX commands_finished ON commands (finished_at) WHERE finished_at IS NOT NULL;
-- Whether an earlier command of the same target is still on its way there.
CREATE INDEX commands_underway ON commands (unit_id, device_id, issued_at, id) WHERE state IN ('queued', 'sent');
