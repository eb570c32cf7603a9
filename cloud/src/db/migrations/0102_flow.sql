-- People that a rule counted in a minute; hours are made of minutes anew whenever one of theirs comes.
CREATE TABLE flow_minutes (
  tenant_id      uuid NOT NULL,
  device_id      uuid NOT NULL,
  rule_id        uuid NOT NULL,
  minute         timestamptz(3) NOT NULL,
  hall_id        uuid NOT NULL,
  view_id        uuid NOT NULL,
  ins            bigint,
  outs           bigint,
  occupancy_mean double precision,
  occupancy_most bigint,
  dwell_mean_ms  double precision,
  lefts          bigint,
  PRIMARY KEY (tenant_id, device_id, rule_id, minute),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX flow_minutes_by_time ON flow_minutes (tenant_id, minute);
CALL isolate_tenant('flow_minutes');

CREATE TABLE flow_hours (
  tenant_id      uuid NOT NULL,
  device_id      uuid NOT NULL,
  rule_id        uuid NOT NULL,
  hour           timestamptz(3) NOT NULL,
  hall_id        uuid NOT NULL,
  view_id        uuid NOT NULL,
  -- Minutes that had something in them.
  minutes        integer NOT NULL,
  ins            bigint,
  outs           bigint,
  occupancy_mean double precision,
  occupancy_most bigint,
  dwell_mean_ms  double precision,
  lefts          bigint,
  PRIMARY KEY (tenant_id, device_id, rule_id, hour),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX flow_hours_by_time ON flow_hours (tenant_id, hour);
CALL isolate_tenant('flow_hours');

-- Seconds that people stood in each of 32 x 18 cells of a view, from the top left.
CREATE TABLE heat_hours (
  tenant_id uuid NOT NULL,
  device_id uuid NOT NULL,
  view_id   uuid NOT NULL,
  hour      timestamptz(3) NOT NULL,
  hall_id   uuid NOT NULL,
  seconds   bigint[] NOT NULL CHECK (cardinality(seconds) = 576),
  PRIMARY KEY (tenant_id, device_id, view_id, hour),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX heat_hours_by_time ON heat_hours (tenant_id, hour);
CALL isolate_tenant('heat_hours');
