-- Tickets out of files. The file itself is read once and not kept: its rows lie here, sealed, until each became a ticket, was known
-- already or is bad; so no row can be lost, and rows = made + known + bad + left holds by what stands here.
DROP TABLE ticket_imports;

CREATE TABLE ticket_imports (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  kind        text NOT NULL,
  -- For rows that name none.
  hall_id     uuid,
  file_name   text NOT NULL,
  file_sha256 bytea NOT NULL,
  -- What was read: {format, encoding, delimiter, sheet}.
  read_as     jsonb NOT NULL,
  -- Titles of the columns, in their order.
  columns     jsonb NOT NULL,
  -- Of each column what it means: a field's key, @level, @hall, @external, @row, or null.
  mapping     jsonb NOT NULL,
  -- checking: mapped, and all rows are gone through; running: tickets are made.
  state       text NOT NULL CHECK (state IN ('checking', 'checked', 'running', 'done', 'cancelled', 'failed')),
  rows        integer NOT NULL,
  -- Gone through by the check that runs or ran last.
  checked     integer NOT NULL DEFAULT 0,
  faulty      integer NOT NULL DEFAULT 0,
  made        integer NOT NULL DEFAULT 0,
  known       integer NOT NULL DEFAULT 0,
  bad         integer NOT NULL DEFAULT 0,
  failure     text,
  -- Who sent it: tickets are made with what they may.
  by_user     uuid NOT NULL,
  by_name     text NOT NULL,
  at          timestamptz(3) NOT NULL,
  started_at  timestamptz(3),
  ended_at    timestamptz(3),
  -- The process that goes through it; another may from then on.
  lease       uuid,
  leased_till timestamptz(3),
  version     integer NOT NULL DEFAULT 1,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE INDEX ticket_imports_by_time ON ticket_imports (tenant_id, at DESC, id DESC);
CREATE INDEX ticket_imports_at_work ON ticket_imports (leased_till) WHERE state IN ('checking', 'running');
CREATE INDEX ticket_imports_by_file ON ticket_imports (tenant_id, file_sha256);
CALL isolate_tenant('ticket_imports');

CREATE TABLE ticket_import_rows (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  -- Of the file, its first being 1.
  line      integer NOT NULL,
  state     text NOT NULL CHECK (state IN ('left', 'made', 'known', 'bad')),
  -- The same row in another file, or sent again, has the same.
  row_key   text NOT NULL,
  -- Sealed; null once it is a ticket.
  cells     bytea,
  -- [{column, code, ...}]; null: none found.
  faults    jsonb,
  ticket_id uuid,
  PRIMARY KEY (tenant_id, import_id, line),
  FOREIGN KEY (tenant_id, import_id) REFERENCES ticket_imports (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ticket_import_rows_faulty ON ticket_import_rows (tenant_id, import_id, line) WHERE faults IS NOT NULL;
CREATE INDEX ticket_import_rows_left ON ticket_import_rows (tenant_id, import_id, line) WHERE state = 'left';
CALL isolate_tenant('ticket_import_rows');
