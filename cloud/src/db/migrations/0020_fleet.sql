-- A unit as people keep it; what it says of itself every few seconds is in unit_links, so that its version means something.
CREATE TABLE units (
  id               uuid PRIMARY KEY,
  tenant_id        uuid NOT NULL REFERENCES tenants (id),
  hall_id          uuid NOT NULL,
  name             text NOT NULL,
  -- SHA-256 of the secret: 54 random bytes need no slow hash.
  secret_hash      bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  secret_issued_at timestamptz(3) NOT NULL DEFAULT now(),
  version          integer NOT NULL DEFAULT 1,
  created_at       timestamptz(3) NOT NULL DEFAULT now(),
  updated_at       timestamptz(3) NOT NULL DEFAULT now(),
  archived_at      timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE INDEX units_by_hall ON units (tenant_id, hall_id);
CALL isolate_tenant('units');

CREATE TABLE unit_links (
  unit_id         uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL,
  presence        text NOT NULL DEFAULT 'offline' CHECK (presence IN ('online', 'offline')),
  reason          text NOT NULL DEFAULT 'never',
  since           timestamptz(3) NOT NULL DEFAULT now(),
  conn_id         uuid,
  boot_id         uuid,
  mono_ms         double precision,
  hello_at        timestamptz(3),
  last_seen_at    timestamptz(3),
  software        text,
  protocol        integer,
  protocol_error  text,
  clock           jsonb,
  heartbeat       jsonb,
  heartbeat_at    timestamptz(3),
  join_policy     jsonb,
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
) WITH (fillfactor = 60);
CREATE INDEX unit_links_silent ON unit_links (last_seen_at) WHERE presence = 'online';
CALL isolate_tenant('unit_links');

CREATE TABLE unit_presence_changes (
  tenant_id uuid NOT NULL,
  unit_id   uuid NOT NULL,
  id        uuid NOT NULL,
  at        timestamptz(3) NOT NULL,
  state     text NOT NULL CHECK (state IN ('online', 'offline')),
  reason    text NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX unit_presence_changes_by_time ON unit_presence_changes (tenant_id, unit_id, at DESC);
CALL isolate_tenant('unit_presence_changes');

CREATE TABLE profiles (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  hash        text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  profile_id  text NOT NULL,
  version     text NOT NULL,
  document    jsonb NOT NULL,
  -- False: a profile whose document this cloud's schema does not accept; kept and shown, but no thing model is read from it.
  readable    boolean NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, hash)
);
CALL isolate_tenant('profiles');

-- Mirrors of the unit's registry. revision 0: rows came before the device's own row did (lanes overtake one another).
CREATE TABLE devices (
  tenant_id         uuid NOT NULL,
  id                uuid NOT NULL,
  unit_id           uuid NOT NULL,
  hall_id           uuid NOT NULL,
  revision          integer NOT NULL,
  state             text NOT NULL CHECK (state IN ('quarantined', 'active', 'refused', 'retired')),
  vendor            text NOT NULL,
  model             text NOT NULL,
  serial            text NOT NULL,
  firmware          text,
  hardware          text,
  device_class      text NOT NULL,
  name              text,
  counter_id        uuid,
  protocol          text NOT NULL,
  address           text NOT NULL,
  profile_id        text,
  profile_version   text,
  profile_hash      text,
  reason            text,
  presence          text NOT NULL DEFAULT 'unknown' CHECK (presence IN ('online', 'degraded', 'offline', 'unknown')),
  presence_reason   text,
  presence_detail   text,
  presence_since    timestamptz(3),
  presence_evidence jsonb,
  version           integer NOT NULL DEFAULT 1,
  created_at        timestamptz(3) NOT NULL DEFAULT now(),
  updated_at        timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX devices_by_hall ON devices (tenant_id, hall_id, id);
CREATE INDEX devices_by_unit ON devices (tenant_id, unit_id);
CREATE INDEX devices_by_profile ON devices (tenant_id, profile_hash);
CREATE INDEX devices_text ON devices USING gin ((coalesce(name, '') || ' ' || vendor || ' ' || model || ' ' || serial) gin_trgm_ops);
CALL isolate_tenant('devices');

CREATE TABLE presence_changes (
  tenant_id   uuid NOT NULL,
  device_id   uuid NOT NULL,
  id          uuid NOT NULL,
  at          timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  state       text NOT NULL,
  reason      text NOT NULL,
  detail      text,
  evidence    jsonb NOT NULL,
  PRIMARY KEY (tenant_id, device_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id)
);
CREATE INDEX presence_changes_by_time ON presence_changes (tenant_id, device_id, at DESC);
CALL isolate_tenant('presence_changes');
