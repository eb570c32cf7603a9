-- docs/protocol.md 1.2: the cursor row that every batch locks.
CREATE TABLE streams (
  tenant_id    uuid NOT NULL,
  unit_id      uuid NOT NULL,
  lane         text NOT NULL CHECK (lane IN ('events', 'live', 'manifest', 'backlog')),
  epoch        text NOT NULL CHECK (epoch ~ '^[0-9a-f]{16}$'),
  cursor       bigint NOT NULL DEFAULT 0,
  chain        bytea NOT NULL CHECK (octet_length(chain) = 32),
  row_count    bigint NOT NULL DEFAULT 0,
  -- A later epoch took over what was not committed here: this one takes nothing more.
  closed_at    timestamptz(3),
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  committed_at timestamptz(3),
  PRIMARY KEY (tenant_id, unit_id, lane, epoch),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
) WITH (fillfactor = 60);
CALL isolate_tenant('streams');

-- Rows that broke their contract or could not be stored: kept as they came, with why.
CREATE TABLE aside_rows (
  tenant_id   uuid NOT NULL,
  unit_id     uuid NOT NULL,
  lane        text NOT NULL,
  epoch       text NOT NULL,
  seq         bigint NOT NULL,
  kind        text,
  reason      text NOT NULL,
  detail      text NOT NULL,
  bytes       bytea NOT NULL,
  received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, lane, epoch, seq),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX aside_rows_by_time ON aside_rows (tenant_id, unit_id, received_at DESC);
CALL isolate_tenant('aside_rows');

CREATE TABLE stream_gaps (
  tenant_id      uuid NOT NULL,
  unit_id        uuid NOT NULL,
  lane           text NOT NULL,
  epoch          text NOT NULL,
  -- Where the cloud learned of it: the first missing seq of a gap batch, or the seq of a `gap` row.
  seq            bigint NOT NULL,
  source         text NOT NULL CHECK (source IN ('batch', 'row')),
  reason         text NOT NULL,
  from_seq       bigint,
  to_seq         bigint,
  missing        bigint,
  previous_epoch text,
  at             timestamptz(3) NOT NULL,
  received_at    timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, lane, epoch, seq),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX stream_gaps_by_time ON stream_gaps (tenant_id, unit_id, received_at DESC);
CALL isolate_tenant('stream_gaps');

-- docs/protocol.md 1.5: what each end counted for one hour of one stream; equal is the proof.
CREATE TABLE seals (
  tenant_id   uuid NOT NULL,
  unit_id     uuid NOT NULL,
  lane        text NOT NULL,
  epoch       text NOT NULL,
  hour        timestamptz(0) NOT NULL,
  cloud_first bigint,
  cloud_last  bigint,
  cloud_count bigint,
  cloud_chain bytea,
  unit_first  bigint,
  unit_last   bigint,
  unit_count  bigint,
  unit_chain  bytea,
  PRIMARY KEY (tenant_id, unit_id, lane, epoch, hour),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX seals_by_hour ON seals (tenant_id, unit_id, hour DESC);
CALL isolate_tenant('seals');

CREATE TABLE unit_faults (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  unit_id     uuid NOT NULL,
  at          timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  code        text NOT NULL,
  message     text NOT NULL,
  context     jsonb,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
);
CREATE INDEX unit_faults_by_time ON unit_faults (tenant_id, unit_id, at DESC);
CALL isolate_tenant('unit_faults');

-- Rows committed per minute and unit: what the console's flow chart and rows of 24 hours are read from.
CREATE TABLE ingest_minutes (
  tenant_id uuid NOT NULL,
  unit_id   uuid NOT NULL,
  lane      text NOT NULL,
  minute    timestamptz(0) NOT NULL,
  row_count integer NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, lane, minute),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX ingest_minutes_by_time ON ingest_minutes (tenant_id, minute);
CALL isolate_tenant('ingest_minutes');
