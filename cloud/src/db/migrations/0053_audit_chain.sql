-- Where each tenant's chain stands. The sealer locks this row: one at a time, whatever the process.
CREATE TABLE audit_heads (
  tenant_id      uuid PRIMARY KEY REFERENCES tenants (id),
  seq            bigint NOT NULL DEFAULT 0,
  hash           bytea NOT NULL,
  sealed_at      timestamptz(3),
  -- The last verification over the whole chain, as the routes answer it.
  verified_at    timestamptz(3),
  verification   jsonb
);
CALL isolate_tenant('audit_heads');
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_heads FROM hallhub_app;
REVOKE DELETE, TRUNCATE ON audit_heads FROM hallhub_system;

-- The head of a day, signed with the cloud's key: rewriting what lies before it needs that key too.
CREATE TABLE audit_anchors (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  number    integer NOT NULL,
  seq       bigint NOT NULL,
  hash      bytea NOT NULL,
  at        timestamptz(3) NOT NULL,
  -- What was signed, to the byte, and {algorithm, signature, certificates}.
  document  text NOT NULL,
  signature jsonb NOT NULL,
  PRIMARY KEY (tenant_id, number)
);
CALL isolate_tenant('audit_anchors');
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_anchors FROM hallhub_app;
REVOKE UPDATE, DELETE, TRUNCATE ON audit_anchors FROM hallhub_system;

-- What the search field looks through. The same expression stands in list-audit.ts.
CREATE INDEX audit_entries_text ON audit_entries USING gin ((lower(
  actor_name || ' ' || action || ' ' || coalesce(target_name, '') || ' ' || coalesce(target_id, '') || ' ' ||
  coalesce(ip, '') || ' ' || coalesce(request_id, ''))) gin_trgm_ops);
CREATE INDEX audit_entries_action ON audit_entries (tenant_id, action, at DESC);
CREATE INDEX audit_entries_hall ON audit_entries (tenant_id, hall_id, at DESC);
