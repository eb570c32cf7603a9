-- The last number given in a period: `GD` and `20261122`. Its row is locked until the ticket is committed, so numbers have neither gaps nor doubles.
CREATE TABLE ticket_numbers (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  prefix    text NOT NULL,
  period    text NOT NULL,
  last      integer NOT NULL,
  PRIMARY KEY (tenant_id, prefix, period)
);
CALL isolate_tenant('ticket_numbers');

CREATE TABLE tickets (
  id            uuid PRIMARY KEY,
  tenant_id     uuid NOT NULL REFERENCES tenants (id),
  number        text NOT NULL,
  title         text NOT NULL,
  kind          text NOT NULL,
  kind_version  integer NOT NULL,
  status        text NOT NULL CHECK (status IN ('running', 'suspended', 'ended')),
  outcome       text CHECK (outcome IN ('closed', 'cancelled', 'merged')),
  phase         text NOT NULL,
  state_id      text NOT NULL,
  step          text NOT NULL,
  level         text,
  source        text NOT NULL,
  hall_id       uuid,
  region_id     uuid,
  place_text    text,
  lon           double precision,
  lat           double precision,
  device_id     uuid,
  alarm_id      uuid,
  parent_id     uuid,
  merged_into   uuid,
  -- Where it was born: the same gives the same ticket.
  origin_system text,
  origin_key    text,
  -- HMAC of the requester's number: repeats are counted without anybody reading it.
  requester     bytea,
  -- What the history makes (TicketState), personal fields sealed.
  state         jsonb NOT NULL,
  -- Open and signed tasks: whose turn it is, for lists.
  live_tasks    jsonb NOT NULL,
  seq           integer NOT NULL,
  made_at       timestamptz(3) NOT NULL,
  -- A person's id, `system`, or `apikey:<id>`.
  made_by       text NOT NULL,
  made_by_name  text NOT NULL,
  ended_at      timestamptz(3),
  acted_at      timestamptz(3) NOT NULL,
  due_at        timestamptz(3),
  -- From when on its light is yellow, red; what is promised between two acts changes by itself.
  yellow_at     timestamptz(3),
  red_at        timestamptz(3),
  -- Of the calendars by which its clocks were computed.
  clock_stamp   text NOT NULL,
  supervised    boolean NOT NULL,
  reminded      integer NOT NULL,
  returned      integer NOT NULL,
  reopened      integer NOT NULL,
  words         tsvector NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT tickets_number UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, merged_into) REFERENCES tickets (tenant_id, id),
  CHECK ((origin_system IS NULL) = (origin_key IS NULL)),
  CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((status = 'ended') = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX tickets_origin ON tickets (tenant_id, origin_system, origin_key) WHERE origin_system IS NOT NULL;
CREATE INDEX tickets_by_time ON tickets (tenant_id, made_at DESC, id DESC);
CREATE INDEX tickets_by_kind ON tickets (tenant_id, kind, made_at DESC, id DESC);
CREATE INDEX tickets_by_hall ON tickets (tenant_id, hall_id, made_at DESC, id DESC) WHERE hall_id IS NOT NULL;
CREATE INDEX tickets_by_device ON tickets (tenant_id, device_id, made_at DESC) WHERE device_id IS NOT NULL;
CREATE INDEX tickets_by_alarm ON tickets (tenant_id, alarm_id) WHERE alarm_id IS NOT NULL;
CREATE INDEX tickets_by_parent ON tickets (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tickets_by_maker ON tickets (tenant_id, made_by, made_at DESC, id DESC);
CREATE INDEX tickets_by_requester ON tickets (tenant_id, requester, made_at DESC) WHERE requester IS NOT NULL;
CREATE INDEX tickets_open ON tickets (tenant_id, made_at DESC, id DESC) WHERE status <> 'ended';
CREATE INDEX tickets_by_due ON tickets (tenant_id, (coalesce(due_at, 'infinity')), id) WHERE status <> 'ended';
CREATE INDEX tickets_by_stamp ON tickets (tenant_id, clock_stamp) WHERE status <> 'ended';
CREATE INDEX tickets_words ON tickets USING gin (words);
CALL isolate_tenant('tickets');

-- Row-level security keeps `@@` away from the index: a stranger's words could be felt by it. This looks for the caller's tenant alone.
-- Newest first, from before an instant and id. EXECUTE: planned for these very words, whether they are rare or common.
CREATE FUNCTION ticket_search(query tsquery, before timestamptz, before_id uuid, since timestamptz, most integer)
RETURNS TABLE (id uuid, made_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT t.id, t.made_at::timestamptz FROM public.tickets t
    WHERE t.tenant_id = $1 AND t.words @@ $2 AND (t.made_at, t.id) < ($3, $4) AND t.made_at >= $5 ORDER BY t.made_at DESC, t.id DESC LIMIT $6'
  USING public.current_tenant(), query, before, before_id, since, most;
END
$$;
REVOKE ALL ON FUNCTION ticket_search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ticket_search TO hallhub_app;

-- One line of a ticket's life; what all lines make is `tickets.state`.
CREATE TABLE ticket_history (
  tenant_id    uuid NOT NULL,
  ticket_id    uuid NOT NULL,
  seq          integer NOT NULL,
  at           timestamptz(3) NOT NULL,
  by           text NOT NULL,
  by_name      text NOT NULL,
  on_behalf_of text,
  type         text NOT NULL,
  data         jsonb NOT NULL,
  opinion      text,
  PRIMARY KEY (tenant_id, ticket_id, seq),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CALL isolate_tenant('ticket_history');

-- The tasks of `tickets.state`, to be asked by whose they are.
CREATE TABLE ticket_tasks (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  ticket_id  uuid NOT NULL,
  purpose    text NOT NULL CHECK (purpose IN ('handle', 'extension')),
  step       text NOT NULL,
  visit      integer NOT NULL,
  party_kind text NOT NULL CHECK (party_kind IN ('person', 'office')),
  party_id   uuid NOT NULL,
  held_by    uuid,
  -- Whose it is to do: the office's until somebody takes it.
  doer_id    uuid NOT NULL GENERATED ALWAYS AS (coalesce(held_by, party_id)) STORED,
  state      text NOT NULL CHECK (state IN ('waiting', 'open', 'signed', 'lent', 'done', 'gone')),
  lead       boolean NOT NULL,
  unplaced   boolean NOT NULL,
  lent_by    uuid,
  action     text,
  began_at   timestamptz(3) NOT NULL,
  ended_at   timestamptz(3),
  -- Of the ticket, so that a to-do list is read from one index in its order.
  sort_due   timestamptz(3) NOT NULL,
  made_at    timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_tasks_by_ticket ON ticket_tasks (tenant_id, ticket_id);
CREATE INDEX ticket_tasks_todo ON ticket_tasks (tenant_id, doer_id, sort_due, ticket_id) WHERE state IN ('open', 'signed');
CREATE INDEX ticket_tasks_todo_made ON ticket_tasks (tenant_id, doer_id, made_at, ticket_id) WHERE state IN ('open', 'signed');
CREATE INDEX ticket_tasks_by_party ON ticket_tasks (tenant_id, party_id, made_at, ticket_id);
CALL isolate_tenant('ticket_tasks');

-- Who has done something with a ticket.
CREATE TABLE ticket_doers (
  tenant_id uuid NOT NULL,
  person_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  made_at   timestamptz(3) NOT NULL,
  -- The ticket has ended.
  is_over   boolean NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, person_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_doers_by_person ON ticket_doers (tenant_id, person_id, is_over, made_at, ticket_id);
CALL isolate_tenant('ticket_doers');

CREATE TABLE ticket_links (
  tenant_id uuid NOT NULL,
  from_id   uuid NOT NULL,
  to_id     uuid NOT NULL,
  how       text NOT NULL CHECK (how IN ('related', 'same_event', 'caused_by')),
  made_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, from_id, to_id, how),
  FOREIGN KEY (tenant_id, from_id) REFERENCES tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, to_id) REFERENCES tickets (tenant_id, id),
  CHECK (from_id <> to_id)
);
CREATE INDEX ticket_links_to ON ticket_links (tenant_id, to_id);
CALL isolate_tenant('ticket_links');

-- Content lies in the blob store of tickets under its hash. Without a ticket: sent ahead of the ticket it is for.
CREATE TABLE ticket_files (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  ticket_id    uuid,
  field        text,
  name         text NOT NULL,
  media_type   text NOT NULL,
  size_bytes   bigint NOT NULL,
  sha256       text NOT NULL,
  made_at      timestamptz(3) NOT NULL,
  made_by      text NOT NULL,
  made_by_name text NOT NULL,
  taken_at     timestamptz(3),
  lon          double precision,
  lat          double precision,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_files_by_ticket ON ticket_files (tenant_id, ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX ticket_files_ahead ON ticket_files (made_at) WHERE ticket_id IS NULL;
CREATE INDEX ticket_files_by_content ON ticket_files (tenant_id, sha256);
CALL isolate_tenant('ticket_files');

CREATE TABLE ticket_filters (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  person_id  uuid NOT NULL,
  name       text NOT NULL,
  filter     jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT ticket_filters_name UNIQUE (tenant_id, person_id, name)
);
CALL isolate_tenant('ticket_filters');
