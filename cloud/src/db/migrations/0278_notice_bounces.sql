-- Whose address a mail went to, as HMAC: what comes back days later is known by it.
ALTER TABLE notice_deliveries ADD COLUMN to_hash bytea;

-- Addresses whose mail came back for good: nothing more goes there until a person lifts it, or the notice that came back leaves the log.
CREATE TABLE notice_bounces (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  hash        bytea NOT NULL,
  -- The one that came back.
  delivery_id uuid NOT NULL,
  at          timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, hash),
  FOREIGN KEY (tenant_id, delivery_id) REFERENCES notice_deliveries (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX notice_bounces_by_delivery ON notice_bounces (tenant_id, delivery_id);
CALL isolate_tenant('notice_bounces');
