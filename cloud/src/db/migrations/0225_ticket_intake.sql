-- Pages on which anybody may ask for something, each of one kind of ticket.
CREATE TABLE ticket_forms (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  -- In the page's address: of all organisations one.
  slug        text NOT NULL,
  kind        text NOT NULL,
  title       jsonb NOT NULL,
  intro       jsonb,
  -- What is asked, in this order, of the fields that the kind's first step may write.
  fields      text[] NOT NULL,
  -- What of the ticket whoever asked may read of its progress: the answer to them.
  answers     text[] NOT NULL DEFAULT '{}',
  hall_id     uuid,
  enabled     boolean NOT NULL DEFAULT true,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE UNIQUE INDEX ticket_forms_slug ON ticket_forms (slug) WHERE archived_at IS NULL;
CALL isolate_tenant('ticket_forms');

-- By which whoever asked comes back to the ticket: never the PIN itself.
CREATE TABLE ticket_pins (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  form_id   uuid NOT NULL,
  hash      bytea NOT NULL,
  failures  integer NOT NULL DEFAULT 0,
  locked_until timestamptz(3),
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, form_id) REFERENCES ticket_forms (tenant_id, id)
);
CALL isolate_tenant('ticket_pins');

-- Which alarms open a repair by themselves; the nearest to the hall counts.
CREATE TABLE repair_rules (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  -- Null: every hall without a rule of its own.
  hall_id     uuid,
  from_severity text NOT NULL CHECK (from_severity IN ('info', 'notice', 'warning', 'critical')),
  kind        text NOT NULL,
  -- Level of the ticket by the alarm's severity.
  levels      jsonb NOT NULL,
  enabled     boolean NOT NULL DEFAULT true,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE UNIQUE INDEX repair_rules_place ON repair_rules (tenant_id, coalesce(hall_id, tenant_id));
CALL isolate_tenant('repair_rules');

-- Alarms that wait to become a repair, or news of one; and what became of them.
CREATE TABLE repair_alarms (
  tenant_id uuid NOT NULL,
  alarm_id  uuid NOT NULL,
  ticket_id uuid NOT NULL,
  -- The alarm's end was told.
  cleared_at timestamptz(3),
  PRIMARY KEY (tenant_id, alarm_id),
  FOREIGN KEY (tenant_id, alarm_id) REFERENCES alarms (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX repair_alarms_by_ticket ON repair_alarms (tenant_id, ticket_id);
CALL isolate_tenant('repair_alarms');

CREATE TABLE ticket_imports (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  source     text NOT NULL,
  kind       text NOT NULL,
  file_name  text NOT NULL,
  rows       integer NOT NULL,
  made       integer NOT NULL,
  known      integer NOT NULL,
  -- [{line, column, reason}], the first thousand.
  faults     jsonb NOT NULL,
  bad        integer NOT NULL,
  by_name    text NOT NULL,
  at         timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, id)
);
CREATE INDEX ticket_imports_by_time ON ticket_imports (tenant_id, at DESC, id DESC);
CALL isolate_tenant('ticket_imports');
