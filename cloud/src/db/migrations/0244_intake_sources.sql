-- Which findings of cameras, answers at evaluators and other events open a ticket by themselves.
CREATE TABLE intake_rules (
  id             uuid PRIMARY KEY,
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  name           text NOT NULL,
  -- Of the catalogue in ticket-intake/sources.
  source         text NOT NULL,
  -- Null: every hall.
  hall_id        uuid,
  enabled        boolean NOT NULL DEFAULT false,
  kind           text NOT NULL,
  level          text,
  match          jsonb NOT NULL,
  -- Fields that every ticket of the rule begins with.
  preset         jsonb NOT NULL,
  -- So many within this time at one device open a ticket.
  count          integer NOT NULL CHECK (count BETWEEN 1 AND 100),
  within_minutes integer NOT NULL CHECK (within_minutes BETWEEN 1 AND 1440),
  -- What comes so soon after the last joins its ticket.
  merge_minutes  integer NOT NULL CHECK (merge_minutes BETWEEN 0 AND 1440),
  most_per_hour  integer NOT NULL CHECK (most_per_hour BETWEEN 1 AND 1000),
  updated_by_name text,
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  updated_at     timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CALL isolate_tenant('intake_rules');

-- What rules may want, written with what it is about, in one transaction; gone when every rule has looked at it.
CREATE TABLE intake_inbox (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  source      text NOT NULL,
  key         text NOT NULL,
  what        text NOT NULL CHECK (what IN ('seen', 'confirmed', 'undone')),
  hall_id     uuid NOT NULL,
  device_id   uuid NOT NULL,
  at          timestamptz(3) NOT NULL,
  data        jsonb NOT NULL,
  received_at timestamptz(3) NOT NULL,
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, source, key, what),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX intake_inbox_due ON intake_inbox (next_at, id);
CALL isolate_tenant('intake_inbox');

-- What a rule made of one of them, once and for all.
CREATE TABLE intake_occurrences (
  tenant_id uuid NOT NULL,
  rule_id   uuid NOT NULL,
  key       text NOT NULL,
  source    text NOT NULL,
  hall_id   uuid NOT NULL,
  device_id uuid NOT NULL,
  at        timestamptz(3) NOT NULL,
  noted_at  timestamptz(3) NOT NULL,
  outcome   text NOT NULL CHECK (outcome IN ('opened', 'joined', 'counted', 'held', 'failed')),
  ticket_id uuid,
  text      text NOT NULL,
  reason    text,
  PRIMARY KEY (tenant_id, rule_id, key),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX intake_occurrences_by_time ON intake_occurrences (tenant_id, noted_at DESC, rule_id, key);
CREATE INDEX intake_occurrences_by_device ON intake_occurrences (tenant_id, rule_id, device_id, at DESC);
CREATE INDEX intake_occurrences_by_rule ON intake_occurrences (tenant_id, rule_id, noted_at DESC);
CREATE INDEX intake_occurrences_by_ticket ON intake_occurrences (tenant_id, ticket_id) WHERE ticket_id IS NOT NULL;
CALL isolate_tenant('intake_occurrences');

-- Findings of cameras that are cases, and what came of them.
CREATE TABLE review_cases (
  tenant_id  uuid NOT NULL,
  finding_id uuid NOT NULL,
  ticket_id  uuid NOT NULL,
  item_id    uuid NOT NULL,
  -- Null: a rule's.
  by_name    text,
  at         timestamptz(3) NOT NULL,
  -- {outcome, at, isTrue, result, checkedBy, checkWords}; null while it runs.
  result     jsonb,
  PRIMARY KEY (tenant_id, finding_id, ticket_id),
  FOREIGN KEY (tenant_id, finding_id) REFERENCES review_findings (tenant_id, id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES review_items (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX review_cases_by_ticket ON review_cases (tenant_id, ticket_id);
CREATE INDEX review_cases_by_item ON review_cases (tenant_id, item_id);
CALL isolate_tenant('review_cases');

-- Pictures of findings on their way into tickets: they may come hours after the finding.
CREATE TABLE intake_pictures (
  tenant_id   uuid NOT NULL,
  ticket_id   uuid NOT NULL,
  evidence_id uuid NOT NULL,
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'attached', 'given_up')),
  file_id     uuid,
  at          timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, evidence_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX intake_pictures_waiting ON intake_pictures (at) WHERE state = 'waiting';
CALL isolate_tenant('intake_pictures');
