-- The runs of a ticket's clocks as they were computed last: by its history, its kind and the calendars.
CREATE TABLE ticket_clocks (
  tenant_id   uuid NOT NULL,
  ticket_id   uuid NOT NULL,
  clock       text NOT NULL,
  run         integer NOT NULL,
  purpose     text NOT NULL,
  requesters  boolean NOT NULL,
  calendar    text NOT NULL,
  began_at    timestamptz(3) NOT NULL,
  ended_at    timestamptz(3),
  due_at      timestamptz(3),
  warn_at     timestamptz(3),
  -- When its promise was broken, or will be if nothing happens; null while it stands still.
  red_at      timestamptz(3),
  promised_ms bigint NOT NULL,
  extended_ms bigint NOT NULL,
  -- Until the clock was computed last; exact once it has ended or while it stands still.
  used_ms     bigint NOT NULL,
  is_paused   boolean NOT NULL,
  -- It ended after its time.
  is_broken   boolean NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, clock, run),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_clocks_by_end ON ticket_clocks (tenant_id, purpose, ended_at);
CALL isolate_tenant('ticket_clocks');

-- What is to be noted of a run, and when: at 80 % a warning, at its end a breach, then up the line. Each once; a longer or another promise is another.
CREATE TABLE ticket_clock_events (
  tenant_id   uuid NOT NULL,
  ticket_id   uuid NOT NULL,
  clock       text NOT NULL,
  run         integer NOT NULL,
  what        text NOT NULL CHECK (what IN ('warned', 'breached', 'escalated')),
  -- Among the clock's escalations.
  place       integer NOT NULL,
  promised_ms bigint NOT NULL,
  at          timestamptz(3) NOT NULL,
  noted_at    timestamptz(3),
  parties     jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (tenant_id, ticket_id, clock, run, what, place, promised_ms),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_clock_events_due ON ticket_clock_events (tenant_id, at) WHERE noted_at IS NULL;
CREATE INDEX ticket_clock_events_noted ON ticket_clock_events (tenant_id, noted_at) WHERE noted_at IS NOT NULL;
CALL isolate_tenant('ticket_clock_events');
