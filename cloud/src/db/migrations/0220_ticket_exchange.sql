-- Tickets that go to outside platforms and come from them: docs/protocol.md 9.
CREATE TABLE exchange_channels (
  id             uuid PRIMARY KEY,
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  code           text NOT NULL,
  name           text NOT NULL,
  partner        text NOT NULL CHECK (partner IN ('12345', '110', 'grid', 'government', 'customer', 'other')),
  -- Null: they only call us, and nothing can be sent.
  base_url       text,
  key_id         text NOT NULL,
  secret         bytea NOT NULL,
  -- Good for a day after a new one was made.
  old_key_id     text,
  old_secret     bytea,
  old_until      timestamptz(3),
  mapping        jsonb NOT NULL,
  hall_id        uuid,
  paused_at      timestamptz(3),
  last_in_at     timestamptz(3),
  last_out_at    timestamptz(3),
  -- Their clock minus ours, as they said when they refused ours.
  clock_ms       integer NOT NULL DEFAULT 0,
  version        integer NOT NULL DEFAULT 1,
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  updated_at     timestamptz(3) NOT NULL DEFAULT now(),
  archived_at    timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE UNIQUE INDEX exchange_channels_code ON exchange_channels (tenant_id, code) WHERE archived_at IS NULL;
CALL isolate_tenant('exchange_channels');

-- One ticket as it goes between here and one channel: what both ends must agree on.
CREATE TABLE exchange_tickets (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  channel_id  uuid NOT NULL,
  owner       text NOT NULL CHECK (owner IN ('hub', 'platform')),
  number      text NOT NULL,
  peer_number text,
  ticket_id   uuid NOT NULL,
  state       text NOT NULL CHECK (state IN ('dispatched', 'signed', 'finished', 'returned', 'closed', 'cancelled')),
  extension   boolean NOT NULL DEFAULT false,
  -- Messages accepted, each way.
  seq_in      integer NOT NULL DEFAULT 0,
  seq_out     integer NOT NULL DEFAULT 0,
  -- The owner's last message that decided something: what the handler says has to have seen it.
  last_word   integer NOT NULL DEFAULT 0,
  opened_at   timestamptz(3) NOT NULL,
  updated_at  timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, channel_id, owner, number),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX exchange_tickets_by_ticket ON exchange_tickets (tenant_id, ticket_id);
CALL isolate_tenant('exchange_tickets');

-- The log and, while `waiting`, the outbox.
CREATE TABLE exchange_messages (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  channel_id  uuid NOT NULL,
  link_id     uuid,
  direction   text NOT NULL CHECK (direction IN ('in', 'out')),
  message_id  text NOT NULL,
  owner       text NOT NULL CHECK (owner IN ('hub', 'platform')),
  number      text NOT NULL,
  act         text NOT NULL,
  -- Place among what this end sends about the ticket; the seq is stamped when it first leaves.
  pos         integer NOT NULL DEFAULT 0,
  seq         integer,
  -- Sealed: requesters stand in it.
  body        bytea NOT NULL,
  body_hash   bytea,
  -- in: accepted, refused. out: waiting, accepted, failed (a person has to look), dropped (overtaken, or given up).
  state       text NOT NULL CHECK (state IN ('waiting', 'accepted', 'refused', 'failed', 'dropped')),
  -- in: what it did here: made, the act's name, `comment`, or `kept` where the ticket took nothing any more.
  effect      text,
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz(3),
  leased_till timestamptz(3),
  code        text,
  detail      text,
  made_at     timestamptz(3) NOT NULL,
  done_at     timestamptz(3),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, channel_id, direction, message_id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id),
  FOREIGN KEY (tenant_id, link_id) REFERENCES exchange_tickets (tenant_id, id)
);
CREATE INDEX exchange_messages_due ON exchange_messages (next_at) WHERE state = 'waiting';
CREATE INDEX exchange_messages_open ON exchange_messages (link_id, pos) WHERE direction = 'out' AND state IN ('waiting', 'failed');
CREATE INDEX exchange_messages_by_time ON exchange_messages (tenant_id, channel_id, made_at DESC, id DESC);
CREATE INDEX exchange_messages_by_link ON exchange_messages (tenant_id, link_id, made_at);
CALL isolate_tenant('exchange_messages');

-- Every time one end called the other about a message; without one: what was refused before it could be read.
CREATE TABLE exchange_attempts (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  channel_id uuid NOT NULL,
  message    uuid,
  direction  text NOT NULL CHECK (direction IN ('in', 'out')),
  at         timestamptz(3) NOT NULL,
  took_ms    integer NOT NULL,
  status     integer,
  code       text,
  detail     text,
  answer     jsonb,
  ip         text,
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id),
  FOREIGN KEY (tenant_id, message) REFERENCES exchange_messages (tenant_id, id)
);
CREATE INDEX exchange_attempts_by_message ON exchange_attempts (tenant_id, message, at);
CREATE INDEX exchange_attempts_by_time ON exchange_attempts (at);
CALL isolate_tenant('exchange_attempts');

CREATE TABLE exchange_nonces (
  tenant_id  uuid NOT NULL,
  channel_id uuid NOT NULL,
  nonce      text NOT NULL,
  at         timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, nonce),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id)
);
CREATE INDEX exchange_nonces_by_time ON exchange_nonces (at);
CALL isolate_tenant('exchange_nonces');

CREATE TABLE exchange_files (
  tenant_id  uuid NOT NULL,
  channel_id uuid NOT NULL,
  direction  text NOT NULL CHECK (direction IN ('in', 'out')),
  sha256     text NOT NULL,
  name       text NOT NULL,
  bytes      integer NOT NULL,
  at         timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, channel_id, direction, sha256),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id)
);
CALL isolate_tenant('exchange_files');

CREATE TABLE exchange_comparisons (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  channel_id  uuid NOT NULL,
  at          timestamptz(3) NOT NULL,
  took_ms     integer NOT NULL,
  state       text NOT NULL CHECK (state IN ('equal', 'different', 'failed')),
  here        integer NOT NULL,
  there       integer NOT NULL,
  under_way   integer NOT NULL,
  different   integer NOT NULL,
  differences jsonb NOT NULL,
  detail      text,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES exchange_channels (tenant_id, id)
);
CREATE INDEX exchange_comparisons_by_time ON exchange_comparisons (tenant_id, channel_id, at DESC);
CALL isolate_tenant('exchange_comparisons');
