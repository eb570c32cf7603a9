-- Backups and what became of restoring them. They are of the whole installation, so no tenant's rows; people reach them through the routes alone.
CREATE TABLE backups (
  id             uuid PRIMARY KEY,
  kind           text NOT NULL CHECK (kind IN ('files', 'dump')),
  state          text NOT NULL CHECK (state IN ('running', 'written', 'verified', 'failed', 'removed')),
  reason         text NOT NULL CHECK (reason IN ('schedule', 'person', 'command')),
  requested_by   text,
  file           text,
  bytes          bigint,
  database_bytes bigint,
  blob_count     integer,
  blob_bytes     bigint,
  started_at     timestamptz(3) NOT NULL,
  written_at     timestamptz(3),
  checked_at     timestamptz(3),
  -- The log position that a restore of this file alone reaches, and the state of the books around it.
  start_lsn      pg_lsn,
  stop_lsn       pg_lsn,
  report         jsonb,
  error          jsonb
);
CREATE INDEX backups_newest ON backups (started_at DESC);
ALTER TABLE backups ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON backups TO hallhub_app USING (false) WITH CHECK (false);
CREATE POLICY system ON backups TO hallhub_system USING (true) WITH CHECK (true);
REVOKE ALL ON backups FROM hallhub_app;

-- How far the write-ahead log has been carried to the backup folder, one row for each life of a data folder.
CREATE TABLE backup_logs (
  incarnation   uuid PRIMARY KEY,
  archived_to   pg_lsn NOT NULL,
  archived_at   timestamptz(3) NOT NULL,
  segments      bigint NOT NULL DEFAULT 0,
  broken_at     timestamptz(3),
  broken_reason text
);
ALTER TABLE backup_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON backup_logs TO hallhub_app USING (false) WITH CHECK (false);
CREATE POLICY system ON backup_logs TO hallhub_system USING (true) WITH CHECK (true);
REVOKE ALL ON backup_logs FROM hallhub_app;
