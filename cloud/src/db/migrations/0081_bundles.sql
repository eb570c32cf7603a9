-- docs/protocol.md 7: bundles that people brought, and the receipts they took back.
CREATE TABLE bundles (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  unit_id         uuid NOT NULL,
  hall_id         uuid NOT NULL,
  -- As the unit named it; the same bundle may be brought again.
  bundle_id       uuid NOT NULL,
  sha256          bytea NOT NULL CHECK (octet_length(sha256) = 32),
  bytes           bigint NOT NULL,
  made_at         timestamptz(3) NOT NULL,
  imported_at     timestamptz(3) NOT NULL,
  imported_by     uuid,
  imported_by_name text NOT NULL,
  complete        boolean NOT NULL,
  report          jsonb NOT NULL,
  -- The two lines of the receipt, as they are.
  receipt         text NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX bundles_by_time ON bundles (tenant_id, imported_at DESC, id DESC);
CALL isolate_tenant('bundles');
