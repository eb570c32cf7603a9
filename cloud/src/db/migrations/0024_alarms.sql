CREATE TABLE alarm_rules (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  hall_id     uuid NOT NULL,
  device_id   uuid,
  profile_id  text,
  kind        text NOT NULL CHECK (kind IN ('threshold', 'device_offline', 'unit_offline')),
  property    text,
  op          text CHECK (op IN ('gt', 'lt')),
  limit_value double precision,
  clear_limit double precision,
  for_ms      integer NOT NULL DEFAULT 0,
  severity    text NOT NULL CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  label       jsonb NOT NULL,
  enabled     boolean NOT NULL DEFAULT true,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
  CHECK (kind <> 'threshold' OR (property IS NOT NULL AND op IS NOT NULL AND limit_value IS NOT NULL))
);
CREATE INDEX alarm_rules_by_hall ON alarm_rules (tenant_id, hall_id) WHERE archived_at IS NULL;
CALL isolate_tenant('alarm_rules');

CREATE TABLE alarms (
  id                   uuid PRIMARY KEY,
  tenant_id            uuid NOT NULL,
  hall_id              uuid NOT NULL,
  unit_id              uuid NOT NULL,
  device_id            uuid,
  -- `rule:<id>`, `profile:<profile id>/<alarm id>`, `unit_offline`
  rule_key             text NOT NULL,
  rule                 jsonb NOT NULL,
  severity             text NOT NULL CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  message              jsonb NOT NULL,
  value                jsonb,
  -- How often the condition came true while this alarm was open.
  occurrences          integer NOT NULL DEFAULT 1,
  raised_at            timestamptz(3) NOT NULL,
  last_at              timestamptz(3) NOT NULL,
  acknowledged_at      timestamptz(3),
  acknowledged_by      uuid,
  acknowledged_by_name text,
  note                 text,
  cleared_at           timestamptz(3),
  version              integer NOT NULL DEFAULT 1,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
-- One open alarm per source and rule.
CREATE UNIQUE INDEX alarms_open ON alarms (tenant_id, coalesce(device_id, unit_id), rule_key) WHERE cleared_at IS NULL;
CREATE INDEX alarms_by_time ON alarms (tenant_id, raised_at DESC, id DESC);
CREATE INDEX alarms_by_hall ON alarms (tenant_id, hall_id, raised_at DESC);
CREATE INDEX alarms_by_device ON alarms (tenant_id, device_id, raised_at DESC);
CALL isolate_tenant('alarms');

CREATE TABLE alarm_steps (
  tenant_id uuid NOT NULL,
  alarm_id  uuid NOT NULL,
  id        uuid NOT NULL,
  step      text NOT NULL CHECK (step IN ('raised', 'acknowledged', 'noted', 'cleared')),
  at        timestamptz(3) NOT NULL,
  by_name   text,
  note      text,
  value     jsonb,
  PRIMARY KEY (tenant_id, alarm_id, id),
  FOREIGN KEY (tenant_id, alarm_id) REFERENCES alarms (tenant_id, id)
);
CALL isolate_tenant('alarm_steps');

-- A condition that holds (or no longer holds) but has not lasted long enough: due_at is when it will have.
CREATE TABLE alarm_watches (
  tenant_id uuid NOT NULL,
  source_id uuid NOT NULL,
  rule_key  text NOT NULL,
  towards   text NOT NULL CHECK (towards IN ('raise', 'clear')),
  hall_id   uuid NOT NULL,
  unit_id   uuid NOT NULL,
  device_id uuid,
  rule      jsonb NOT NULL,
  severity  text NOT NULL,
  message   jsonb NOT NULL,
  value     jsonb,
  since     timestamptz(3) NOT NULL,
  due_at    timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, source_id, rule_key),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX alarm_watches_due ON alarm_watches (due_at);
CALL isolate_tenant('alarm_watches');
