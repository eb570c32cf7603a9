-- The tree that data and grants hang on: tenant, region (nested), hall, counter.

CREATE TABLE tenants (
  id          uuid PRIMARY KEY,
  code        text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name        text NOT NULL,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3)
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants TO hallhub_app USING (id = (SELECT current_tenant())) WITH CHECK (id = (SELECT current_tenant()));
CREATE POLICY system ON tenants TO hallhub_system USING (true) WITH CHECK (true);

CREATE TABLE regions (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  parent_id   uuid,
  code        text NOT NULL,
  name        text NOT NULL,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  CONSTRAINT regions_code UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES regions (tenant_id, id),
  CHECK (parent_id IS DISTINCT FROM id)
);
CREATE INDEX regions_parent ON regions (tenant_id, parent_id);
CALL isolate_tenant('regions');

-- lon/lat: WGS-84 degrees. time_zone: IANA name, in which the hall's people read times.
CREATE TABLE halls (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  region_id   uuid NOT NULL,
  code        text NOT NULL,
  name        text NOT NULL,
  time_zone   text NOT NULL,
  address     text,
  lon         double precision CHECK (lon BETWEEN -180 AND 180),
  lat         double precision CHECK (lat BETWEEN -90 AND 90),
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  CONSTRAINT halls_code UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  CHECK ((lon IS NULL) = (lat IS NULL))
);
CREATE INDEX halls_region ON halls (tenant_id, region_id);
CALL isolate_tenant('halls');

CREATE TABLE counters (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  hall_id     uuid NOT NULL,
  code        text NOT NULL,
  name        text NOT NULL,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  CONSTRAINT counters_code UNIQUE (tenant_id, hall_id, code),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CALL isolate_tenant('counters');
