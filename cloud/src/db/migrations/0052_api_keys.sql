-- Keys for programs. Only the key's SHA-256 is kept (it has 190 random bits); prefix is what people see of it.
CREATE TABLE api_keys (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  name         text NOT NULL,
  prefix       text NOT NULL,
  hash         bytea NOT NULL UNIQUE,
  rights       text[] NOT NULL,
  scope_kind   text NOT NULL CHECK (scope_kind IN ('tenant', 'region', 'hall')),
  region_id    uuid,
  hall_id      uuid,
  -- CIDR ranges; empty: from anywhere.
  allowed_from text[] NOT NULL DEFAULT '{}',
  expires_at   timestamptz(3),
  created_by   uuid NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3),
  last_used_ip text,
  revoked_at   timestamptz(3),
  revoked_by   uuid,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, revoked_by) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  CHECK ((scope_kind = 'region') = (region_id IS NOT NULL)),
  CHECK ((scope_kind = 'hall') = (hall_id IS NOT NULL))
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, created_at DESC, id DESC);
CREATE INDEX api_keys_creator ON api_keys (tenant_id, created_by);
CALL isolate_tenant('api_keys');

-- Requests never read the hashes: only the system role does, to find a key.
REVOKE SELECT, DELETE ON api_keys FROM hallhub_app;
GRANT SELECT (id, tenant_id, name, prefix, rights, scope_kind, region_id, hall_id, allowed_from, expires_at, created_by,
  created_at, last_used_at, last_used_ip, revoked_at, revoked_by) ON api_keys TO hallhub_app;

ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_actor_kind_check;
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_actor_kind_check CHECK (actor_kind IN ('user', 'system', 'apikey'));
