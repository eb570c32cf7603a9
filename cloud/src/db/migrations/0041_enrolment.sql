-- A code is good once, for one unit, until it expires; the cloud keeps a hash of its secret part (75 random bits need no slow hash).
CREATE TABLE enrolment_codes (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  unit_id         uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('new', 'replace')),
  secret_hash     bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
  -- The CA whose fingerprint the code holds: when that one is retired, the code is worth nothing.
  ca_id           uuid NOT NULL REFERENCES ca_keys (id),
  made_at         timestamptz(3) NOT NULL,
  made_by         uuid,
  made_by_name    text NOT NULL,
  expires_at      timestamptz(3) NOT NULL,
  withdrawn_at    timestamptz(3),
  used_at         timestamptz(3),
  used_ip         text,
  used_hardware   jsonb,
  certificate_id  uuid REFERENCES unit_certificates (id),
  -- Refused uses of it: a code tried too often is dead.
  attempts        integer NOT NULL DEFAULT 0,
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  CHECK ((used_at IS NULL) = (certificate_id IS NULL))
);
CREATE INDEX enrolment_codes_by_unit ON enrolment_codes (tenant_id, unit_id, made_at DESC);
-- One code at a time waits for a unit.
CREATE UNIQUE INDEX enrolment_codes_open ON enrolment_codes (unit_id) WHERE used_at IS NULL AND withdrawn_at IS NULL;
CALL isolate_tenant('enrolment_codes');

-- What a replacement needs to be the same hall: sealed, the last five.
CREATE TABLE unit_snapshots (
  tenant_id   uuid NOT NULL,
  unit_id     uuid NOT NULL,
  id          uuid NOT NULL,
  made_at     timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  software    text NOT NULL,
  sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
  bytes       integer NOT NULL,
  sealed      bytea NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
ALTER TABLE unit_snapshots ALTER COLUMN sealed SET STORAGE EXTERNAL;
CALL isolate_tenant('unit_snapshots');
