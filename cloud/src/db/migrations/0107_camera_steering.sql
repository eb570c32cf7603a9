-- Who has a camera in hand, the last one and until when: of one that turns only one person may hold it (docs/protocol.md 8.6).
CREATE TABLE camera_steering (
  tenant_id  uuid NOT NULL,
  device_id  uuid NOT NULL,
  session_id uuid NOT NULL,
  person_id  uuid NOT NULL,
  name       text NOT NULL,
  overrules  boolean NOT NULL,
  since      timestamptz(3) NOT NULL,
  until      timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, device_id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE
);
CALL isolate_tenant('camera_steering');
