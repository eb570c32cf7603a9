-- What units say of their vision (docs/protocol.md 8.1): the newest report of each, a row a camera, and a row a camera and day.
CREATE TABLE vision_units (
  tenant_id      uuid NOT NULL,
  unit_id        uuid NOT NULL,
  -- By the unit's clock, and when it came.
  at             timestamptz(3) NOT NULL,
  received_at    timestamptz(3) NOT NULL,
  config_source  text CHECK (config_source IN ('cloud', 'file')),
  config_version text,
  applied_at     timestamptz(3),
  problem        text,
  process        text NOT NULL,
  process_reason text,
  process_hint   text,
  slots_most     integer NOT NULL,
  slots_used     integer NOT NULL,
  detector       jsonb,
  PRIMARY KEY (tenant_id, unit_id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CALL isolate_tenant('vision_units');

CREATE TABLE vision_cameras (
  tenant_id     uuid NOT NULL,
  device_id     uuid NOT NULL,
  state         text NOT NULL,
  since         timestamptz(3),
  reason        text,
  hint          text,
  fps           double precision NOT NULL,
  health        text,
  recorded_from timestamptz(3),
  reported_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, device_id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CALL isolate_tenant('vision_cameras');

-- Pictures that were looked at on a day of the hall.
CREATE TABLE vision_days (
  tenant_id uuid NOT NULL,
  device_id uuid NOT NULL,
  day       date NOT NULL,
  looked    bigint NOT NULL,
  PRIMARY KEY (tenant_id, device_id, day),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CALL isolate_tenant('vision_days');

-- Which version of a camera's set-up its unit works by, and since when.
ALTER TABLE camera_vision ADD COLUMN applied_version integer, ADD COLUMN applied_at timestamptz(3);
