-- What a camera is watched for (docs/protocol.md 8.1). The document is `cameraVisionSchema` without its deviceId.
CREATE TABLE camera_vision (
  tenant_id       uuid NOT NULL,
  device_id       uuid NOT NULL,
  document        jsonb NOT NULL,
  enabled         boolean NOT NULL,
  rules           integer NOT NULL,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_by_name text,
  PRIMARY KEY (tenant_id, device_id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CALL isolate_tenant('camera_vision');

-- Rules to begin with, of the whole organisation.
CREATE TABLE vision_templates (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  name       text NOT NULL,
  note       text NOT NULL,
  rules      jsonb NOT NULL,
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, name)
);
CALL isolate_tenant('vision_templates');
