-- What a narrow row needs 4 bytes to say: which property of which device. Samples and device rows travel in lanes of
-- their own, so a point may be older than its device: no foreign key to devices.
CREATE TABLE telemetry_points (
  id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  device_id  uuid NOT NULL,
  property   text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, device_id, property),
  UNIQUE (tenant_id, id)
);
CALL isolate_tenant('telemetry_points');

-- Partitions live where the application roles cannot name them: only the parents, with their policies, are reachable.
CREATE SCHEMA telemetry_parts;

-- kind: 0 null, 1 number, 2 text, 3 boolean (as 0 and 1). quality: 0 good, 1 uncertain, 2 bad.
-- Columns go from wide to narrow, so that no byte is lost to alignment. No foreign key to telemetry_points: rows come only
-- from appendSamples, which has just resolved them, and the check would cost as much as the insert.
CREATE TABLE telemetry_samples (
  at        timestamptz NOT NULL,
  number    double precision,
  point_id  integer NOT NULL,
  kind      smallint NOT NULL,
  quality   smallint NOT NULL,
  tenant_id uuid NOT NULL,
  text      text
) PARTITION BY RANGE (at);
CREATE INDEX telemetry_samples_point_at ON telemetry_samples (point_id, at);
CALL isolate_tenant('telemetry_samples');

-- The newest value by device order (corrected unit time, then seq). Small and updated often: room for in-page updates.
CREATE TABLE telemetry_latest (
  at        timestamptz NOT NULL,
  seq       bigint NOT NULL,
  number    double precision,
  point_id  integer PRIMARY KEY,
  kind      smallint NOT NULL,
  quality   smallint NOT NULL,
  tenant_id uuid NOT NULL,
  text      text,
  FOREIGN KEY (tenant_id, point_id) REFERENCES telemetry_points (tenant_id, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CALL isolate_tenant('telemetry_latest');

-- One row an insert and hour: these points have samples in this hour that no roll-up has seen. Never updated, so that
-- ingest waits for nobody, and removed in the transaction that rolls up what was visible to it.
CREATE TABLE telemetry_marks (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  hour      timestamptz NOT NULL,
  point_ids integer[] NOT NULL
);
CREATE INDEX telemetry_marks_hour ON telemetry_marks (hour);
CALL isolate_tenant('telemetry_marks');

-- Over numbers and booleans that are not of bad quality; ties of time are broken by value. The average is sum / count.
CREATE TABLE telemetry_hours (
  hour      timestamptz NOT NULL,
  point_id  integer NOT NULL,
  count     integer NOT NULL,
  min       double precision NOT NULL,
  max       double precision NOT NULL,
  sum       double precision NOT NULL,
  first     double precision NOT NULL,
  last      double precision NOT NULL,
  tenant_id uuid NOT NULL,
  PRIMARY KEY (point_id, hour)
) PARTITION BY RANGE (hour);
CALL isolate_tenant('telemetry_hours');

-- Samples that did not become rows: counted, by day of arrival.
CREATE TABLE telemetry_refused (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  device_id uuid NOT NULL,
  day       date NOT NULL,
  reason    text NOT NULL CHECK (reason IN ('expired', 'future')),
  count     bigint NOT NULL,
  first_at  timestamptz NOT NULL,
  last_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, device_id, day, reason)
);
CALL isolate_tenant('telemetry_refused');

-- Samples from the far future, kept whole: the clock of their unit was wrong, the values may not be.
CREATE TABLE telemetry_quarantine (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  device_id   uuid NOT NULL,
  property    text NOT NULL,
  at          timestamptz NOT NULL,
  seq         bigint NOT NULL,
  value       jsonb NOT NULL,
  quality     smallint NOT NULL,
  received_at timestamptz(3) NOT NULL
);
CREATE INDEX telemetry_quarantine_received ON telemetry_quarantine (received_at);
CALL isolate_tenant('telemetry_quarantine');

-- Made standing alone and then attached: that lock lets inserts and queries of the parent go on.
CREATE PROCEDURE telemetry_make_partition(parent regclass, part name, from_at timestamptz, to_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('telemetry_make_partition'));
  IF to_regclass(format('telemetry_parts.%I', part)) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE telemetry_parts.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION telemetry_parts.%I FOR VALUES FROM (%L) TO (%L)', parent, part, from_at, to_at);
END;
$$;
