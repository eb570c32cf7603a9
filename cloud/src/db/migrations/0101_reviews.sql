-- Findings of one camera that overlap or lie within a minute of each other are one item: what people look at together.
CREATE TABLE review_items (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  hall_id         uuid NOT NULL,
  unit_id         uuid NOT NULL,
  device_id       uuid NOT NULL,
  state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided')),
  severity        text NOT NULL CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  findings        integer NOT NULL,
  started_at      timestamptz(3) NOT NULL,
  -- The last that is known of it: an end, or a beginning.
  last_at         timestamptz(3) NOT NULL,
  -- Something in it is not over.
  goes_on         boolean NOT NULL,
  decision        text CHECK (decision IN ('accepted', 'below_standard', 'false', 'already_left', 'duplicate')),
  opinion         text,
  duplicate_of    uuid,
  decided_at      timestamptz(3),
  decided_by      uuid,
  decided_by_name text,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
  CHECK ((state = 'decided') = (decided_at IS NOT NULL)),
  CHECK (state = 'open' OR decision IS NOT NULL)
);
CREATE INDEX review_items_by_time ON review_items (tenant_id, started_at DESC, id DESC);
CREATE INDEX review_items_by_hall ON review_items (tenant_id, hall_id, started_at DESC, id DESC);
CREATE INDEX review_items_by_device ON review_items (tenant_id, device_id, started_at DESC, id DESC);
CREATE INDEX review_items_open ON review_items (tenant_id, started_at, id) WHERE state = 'open';
CALL isolate_tenant('review_items');

-- docs/protocol.md 8.2. One episode that a rule saw, from its first row and its last.
CREATE TABLE review_findings (
  tenant_id     uuid NOT NULL,
  -- The episode's.
  id            uuid NOT NULL,
  item_id       uuid NOT NULL,
  hall_id       uuid NOT NULL,
  unit_id       uuid NOT NULL,
  device_id     uuid NOT NULL,
  -- What people read out and type in: findingNumber(id).
  number        text NOT NULL,
  rule_id       uuid NOT NULL,
  rule_name     text NOT NULL,
  algorithm     text NOT NULL,
  view_id       uuid NOT NULL,
  severity      text NOT NULL CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  experimental  boolean NOT NULL,
  started_at    timestamptz(3) NOT NULL,
  ended_at      timestamptz(3),
  goes_on       boolean NOT NULL,
  count         bigint,
  detail        text,
  confidence    double precision,
  faces         text NOT NULL,
  evidence_ids  uuid[] NOT NULL,
  -- The rows as they came, for whoever verifies them: of `began` or `once`, and of `ended`.
  began         jsonb,
  ended         jsonb,
  -- Of their seals.
  began_hash    text,
  ended_hash    text,
  decision      text CHECK (decision IN ('accepted', 'below_standard', 'false', 'already_left', 'duplicate')),
  decided_at    timestamptz(3),
  received_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES review_items (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
  CHECK (began IS NOT NULL OR ended IS NOT NULL)
);
CREATE INDEX review_findings_by_item ON review_findings (tenant_id, item_id);
CREATE INDEX review_findings_by_number ON review_findings (tenant_id, number);
CREATE INDEX review_findings_by_rule ON review_findings (tenant_id, rule_id, started_at);
CREATE INDEX review_findings_by_time ON review_findings (tenant_id, started_at);
CREATE INDEX review_findings_by_device ON review_findings (tenant_id, device_id, started_at);
CREATE INDEX review_findings_by_began ON review_findings (tenant_id, unit_id, began_hash);
CREATE INDEX review_findings_by_ended ON review_findings (tenant_id, unit_id, ended_hash);
CALL isolate_tenant('review_findings');

-- Rows of vision that broke their contract: the event stands with the others, its data are not used.
CREATE TABLE vision_refusals (
  tenant_id   uuid NOT NULL,
  event_id    uuid NOT NULL,
  device_id   uuid NOT NULL,
  unit_id     uuid NOT NULL,
  hall_id     uuid NOT NULL,
  event       text NOT NULL,
  reason      text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, device_id, event_id)
);
CREATE INDEX vision_refusals_by_time ON vision_refusals (tenant_id, received_at);
CALL isolate_tenant('vision_refusals');
