-- How long an alarm stands before it opens a repair, how long it must stay away before the repair is verified, how soon after the close it
-- counts as the same repair, and how many new ones a rule opens in an hour.
ALTER TABLE repair_rules
  ADD COLUMN after_seconds integer NOT NULL DEFAULT 0 CHECK (after_seconds BETWEEN 0 AND 86400),
  ADD COLUMN quiet_seconds integer NOT NULL DEFAULT 300 CHECK (quiet_seconds BETWEEN 0 AND 86400),
  ADD COLUMN reopen_hours integer NOT NULL DEFAULT 24 CHECK (reopen_hours BETWEEN 0 AND 720),
  ADD COLUMN most_per_hour integer NOT NULL DEFAULT 30 CHECK (most_per_hour BETWEEN 1 AND 1000);

-- What became of an alarm. `held`: too many repairs in this hour; it becomes one later, if it still stands.
ALTER TABLE repair_alarms
  ALTER COLUMN ticket_id DROP NOT NULL,
  ADD COLUMN what text NOT NULL DEFAULT 'opened' CHECK (what IN ('opened', 'joined', 'reopened', 'held')),
  ADD COLUMN rule_id uuid,
  -- Of the alarms of one repair: the first is 1.
  ADD COLUMN place integer NOT NULL DEFAULT 1,
  ADD COLUMN at timestamptz(3) NOT NULL DEFAULT now(),
  ADD CHECK ((what = 'held') = (ticket_id IS NULL));
CREATE INDEX repair_alarms_by_time ON repair_alarms (tenant_id, at DESC, alarm_id DESC);
-- Looked for every few seconds.
CREATE INDEX repair_alarms_untold ON repair_alarms (alarm_id) WHERE cleared_at IS NULL AND ticket_id IS NOT NULL;

-- Repairs that alarms belong to, until they are over: few, and looked at every few seconds.
CREATE TABLE repair_watches (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CALL isolate_tenant('repair_watches');
INSERT INTO repair_watches SELECT DISTINCT k.tenant_id, k.ticket_id FROM repair_alarms k
  JOIN tickets t ON t.tenant_id = k.tenant_id AND t.id = k.ticket_id WHERE t.status <> 'ended';

-- Repairs of a device that failed so often that another one is advised: counted with the ticket, told by the desk.
CREATE TABLE repair_advice (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  device_id uuid NOT NULL,
  failures  integer NOT NULL,
  at        timestamptz(3) NOT NULL,
  told_at   timestamptz(3),
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX repair_advice_untold ON repair_advice (at) WHERE told_at IS NULL;
CALL isolate_tenant('repair_advice');
