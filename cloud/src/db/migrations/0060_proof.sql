-- docs/protocol.md 1.5: what the proof needs beside both ends' counts.
ALTER TABLE seals
  -- Longest time between a row's own time and its commit here, ms. Null where the unit's clock was not to be trusted.
  ADD COLUMN delay_max_ms bigint,
  -- What came of comparing both sides, once both are whole.
  ADD COLUMN verdict text CHECK (verdict IN ('equal', 'thinned', 'different')),
  ADD COLUMN judged_at timestamptz(3);
CREATE INDEX seals_unjudged ON seals (hour) WHERE unit_chain IS NOT NULL AND judged_at IS NULL;

-- The chain at the end of a signed gap: an hour that ends inside it can still be compared.
ALTER TABLE stream_gaps ADD COLUMN chain bytea;

-- How many entries the rows of one unit became, by kind and the hour of their own (corrected) time, written in the transaction
-- that stored them: a recount of what stands in the tables must come to the same.
CREATE TABLE proof_tallies (
  tenant_id uuid NOT NULL,
  unit_id   uuid NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('value', 'event', 'presence', 'command', 'fault')),
  hour      timestamptz(0) NOT NULL,
  stored    bigint NOT NULL,
  -- Said again by the device with an id it had used: one entry.
  repeated  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, unit_id, hour, kind),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
) WITH (fillfactor = 70);
CALL isolate_tenant('proof_tallies');

CREATE TABLE proof_recounts (
  tenant_id uuid NOT NULL,
  unit_id   uuid NOT NULL,
  day       date NOT NULL,
  at        timestamptz(3) NOT NULL,
  by_name   text NOT NULL,
  equal     boolean NOT NULL,
  kinds     jsonb NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, day, at),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX proof_recounts_by_time ON proof_recounts (at);
CALL isolate_tenant('proof_recounts');

CREATE TABLE proof_reports (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  month        text NOT NULL CHECK (month ~ '^\d{4}-\d{2}$'),
  made_at      timestamptz(3) NOT NULL,
  made_by_name text NOT NULL,
  totals       jsonb NOT NULL,
  sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
  -- The signed bytes themselves, and the signature over them.
  document     bytea NOT NULL,
  signature    jsonb NOT NULL,
  UNIQUE (tenant_id, id)
);
CREATE INDEX proof_reports_by_time ON proof_reports (tenant_id, made_at DESC, id DESC);
CALL isolate_tenant('proof_reports');
