CREATE TABLE device_events (
  tenant_id   uuid NOT NULL,
  device_id   uuid NOT NULL,
  id          uuid NOT NULL,
  unit_id     uuid NOT NULL,
  hall_id     uuid NOT NULL,
  event       text NOT NULL,
  severity    text NOT NULL CHECK (severity IN ('info', 'notice', 'warning', 'critical')),
  data        jsonb NOT NULL,
  at          timestamptz(3) NOT NULL,
  unit_at     timestamptz(3) NOT NULL,
  device_at   timestamptz(3),
  received_at timestamptz(3) NOT NULL,
  -- An event with an id already seen from that device is counted once.
  PRIMARY KEY (tenant_id, device_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX device_events_by_time ON device_events (tenant_id, at DESC, id DESC);
CREATE INDEX device_events_by_hall ON device_events (tenant_id, hall_id, at DESC, id DESC);
CREATE INDEX device_events_by_device ON device_events (tenant_id, device_id, at DESC, id DESC);
CALL isolate_tenant('device_events');
