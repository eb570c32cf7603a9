/** One step of a database's structure: what a step did is never changed, a new one is added. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

const laneTable = (lane: string): string => `
CREATE TABLE lane_${lane} (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  body BLOB NOT NULL,
  chain BLOB NOT NULL
) STRICT;`;

/** Both files hold lanes, and so both hold their state, gaps and seals. */
const laneBookkeeping = `
CREATE TABLE lane_state (
  lane TEXT PRIMARY KEY,
  unit_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  base_seq INTEGER NOT NULL,
  base_chain BLOB NOT NULL,
  row_count INTEGER NOT NULL,
  byte_count INTEGER NOT NULL,
  head_seq INTEGER NOT NULL,
  head_chain BLOB NOT NULL
) STRICT;
CREATE TABLE lane_gap (
  lane TEXT NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  chain BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, from_seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE seal (
  lane TEXT NOT NULL,
  epoch TEXT NOT NULL,
  hour INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  chain BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'told')),
  PRIMARY KEY (lane, epoch, hour)
) STRICT, WITHOUT ROWID;`;

/** A new epoch moves a lane's origin instead of its rows, which then wait for their chain up to the tail; rows given up are kept aside. */
const laneOrigin = `
ALTER TABLE lane_state ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lane_state ADD COLUMN tail_seq INTEGER;
CREATE TABLE row_aside (
  aside_id INTEGER PRIMARY KEY,
  lane TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  put_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;`;

export const hubMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `${laneTable('events')}${laneTable('manifest')}${laneBookkeeping}
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE clock_segment (
  segment INTEGER PRIMARY KEY,
  boot_id TEXT NOT NULL,
  kernel_boot_id TEXT NOT NULL,
  wall_minus_mono_ms REAL NOT NULL,
  started_at INTEGER NOT NULL,
  offset_ms REAL,
  state TEXT NOT NULL CHECK (state IN ('trusted', 'untrusted'))
) STRICT;
CREATE TABLE device (
  device_id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('quarantined', 'active', 'refused', 'retired')),
  reason TEXT,
  protocol TEXT NOT NULL,
  vendor TEXT NOT NULL,
  model TEXT NOT NULL,
  serial TEXT NOT NULL,
  firmware TEXT,
  hardware TEXT,
  device_class TEXT NOT NULL,
  name TEXT,
  counter_id TEXT,
  adapter_id TEXT NOT NULL,
  address TEXT NOT NULL,
  profile_id TEXT,
  profile_version TEXT,
  profile_hash TEXT,
  presence TEXT NOT NULL,
  presence_reason TEXT NOT NULL,
  presence_since INTEGER NOT NULL,
  claim_hash BLOB,
  conflict TEXT,
  secret_hash BLOB,
  delivered_at INTEGER,
  used_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX device_identity ON device (protocol, vendor, model, serial);
CREATE INDEX device_address ON device (adapter_id, address);
CREATE TABLE profile_told (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE event_seen (
  device_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (device_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_seen_at ON event_seen (at);
CREATE TABLE command (
  command_id TEXT PRIMARY KEY,
  arrival INTEGER NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('cloud', 'local')),
  device_id TEXT,
  name TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL,
  output TEXT,
  error_code TEXT,
  error_message TEXT,
  received_at INTEGER NOT NULL,
  remaining_ms INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX command_state ON command (state, arrival);
CREATE INDEX command_device ON command (device_id, arrival);
CREATE TABLE aside (
  aside_id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  device_id TEXT,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX aside_device ON aside (device_id, aside_id);
CREATE TABLE fault (
  fault_id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  context TEXT NOT NULL
) STRICT;`,
  },
  {
    version: 2,
    sql: `CREATE TABLE credential_rotation (
  device_id TEXT PRIMARY KEY,
  secret_hash BLOB NOT NULL,
  started_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  old_used_at INTEGER,
  settled_at INTEGER
) STRICT;`,
  },
  {
    version: 3,
    sql: `${laneOrigin}
CREATE TABLE produced (
  bucket INTEGER PRIMARY KEY,
  measured_ms REAL NOT NULL,
  amounts TEXT NOT NULL
) STRICT;`,
  },
  {
    version: 4,
    sql: `CREATE TABLE evidence (
  evidence_id TEXT PRIMARY KEY,
  device_id TEXT NOT NULL,
  event_id TEXT,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  upload_path TEXT,
  problem TEXT,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_state ON evidence (state, made_at);
CREATE TABLE bundle (
  bundle_id TEXT PRIMARY KEY,
  file TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  receipt_made_at INTEGER,
  receipt_at INTEGER
) STRICT;`,
  },
  {
    version: 5,
    sql: `CREATE TABLE vision_finding (
  row_id TEXT PRIMARY KEY,
  episode_id TEXT NOT NULL,
  camera_id TEXT NOT NULL,
  arrival INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'told')),
  body TEXT NOT NULL,
  hash TEXT,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX vision_finding_waiting ON vision_finding (state, arrival);
CREATE INDEX vision_finding_episode ON vision_finding (episode_id);
CREATE TABLE vision_kept (
  camera_id TEXT NOT NULL,
  view_id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (camera_id, view_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE vision_told (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  },
  {
    version: 6,
    sql: `CREATE TABLE vision_certificate (
  serial TEXT PRIMARY KEY,
  chain TEXT NOT NULL,
  last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;`,
  },
];

export const telemetryMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `${laneTable('live')}${laneTable('backlog')}${laneBookkeeping}
CREATE TABLE last_value (
  device_id TEXT NOT NULL,
  property TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  quality TEXT NOT NULL,
  PRIMARY KEY (device_id, property)
) STRICT, WITHOUT ROWID;`,
  },
  {
    version: 2,
    sql: `CREATE TABLE device_values (device_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
INSERT INTO device_values
  SELECT device_id, json_group_array(
    json_object('at', at, 'quality', quality, 'values', json_object(property, json(value)))
  ) FROM last_value WHERE json_valid(value) GROUP BY device_id;
DROP TABLE last_value;`,
  },
  { version: 3, sql: laneOrigin },
];
