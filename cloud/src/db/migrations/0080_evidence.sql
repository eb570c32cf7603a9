-- docs/protocol.md 6: files that belong to events and devices. The manifest row and the bytes come by different ways, in any order.
CREATE TABLE evidence (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  unit_id      uuid NOT NULL,
  hall_id      uuid NOT NULL,
  state        text NOT NULL CHECK (state IN ('pending', 'uploading', 'complete', 'missing', 'given_up')),
  -- From the manifest; null as long as only bytes came.
  device_id    uuid,
  event_id     uuid,
  name         text,
  media_type   text,
  bytes        bigint CHECK (bytes > 0),
  sha256       bytea CHECK (octet_length(sha256) = 32),
  made_at      timestamptz(3),
  manifest_at  timestamptz(3),
  -- Why the unit gave it up.
  reason       text,
  -- Of what lies in the blob store, checked.
  stored_sha256 bytea CHECK (octet_length(stored_sha256) = 32),
  stored_bytes bigint,
  stored_at    timestamptz(3),
  received_at  timestamptz(3) NOT NULL,
  changed_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
  CHECK (state <> 'complete' OR (stored_sha256 = sha256 AND manifest_at IS NOT NULL))
);
CREATE INDEX evidence_by_event ON evidence (tenant_id, event_id) WHERE event_id IS NOT NULL;
CREATE INDEX evidence_by_device ON evidence (tenant_id, device_id, made_at DESC, id DESC);
CREATE INDEX evidence_by_unit ON evidence (tenant_id, unit_id, made_at DESC, id DESC);
CREATE INDEX evidence_by_blob ON evidence (tenant_id, stored_sha256) WHERE stored_sha256 IS NOT NULL;
CREATE INDEX evidence_open ON evidence (changed_at) WHERE state IN ('pending', 'uploading');
CREATE INDEX evidence_old ON evidence (received_at);
CALL isolate_tenant('evidence');
