-- Mailboxes whose letters become tickets.
CREATE TABLE mailboxes (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  name       text NOT NULL,
  -- People write to it; letters from it are our own.
  address    text NOT NULL,
  host       text NOT NULL,
  port       integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  security   text NOT NULL CHECK (security IN ('tls', 'starttls', 'plain')),
  user_name  text NOT NULL,
  password   bytea NOT NULL,
  -- Certificate of the server's own authority, PEM.
  ca         text,
  folder     text NOT NULL,
  kind       text NOT NULL,
  hall_id    uuid,
  -- {title, text, requester, email, files}: keys of fields.
  mapping    jsonb NOT NULL,
  acknowledge boolean NOT NULL,
  enabled    boolean NOT NULL,
  state      text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'failed')),
  failure    text,
  detail     text,
  failures   integer NOT NULL DEFAULT 0,
  state_at   timestamptz(3),
  next_at    timestamptz(3) NOT NULL,
  looked_at  timestamptz(3),
  -- How far the folder was read; letters from before the first look stay where they are.
  uid_validity bigint,
  last_uid   bigint,
  lease      uuid,
  leased_till timestamptz(3),
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id)
);
CREATE UNIQUE INDEX mailboxes_folder ON mailboxes (tenant_id, lower(host), lower(user_name), folder) WHERE archived_at IS NULL;
CREATE INDEX mailboxes_due ON mailboxes (next_at) WHERE enabled AND archived_at IS NULL;
CALL isolate_tenant('mailboxes');

-- What became of each letter: a ticket, a line on one, or put aside.
CREATE TABLE mail_letters (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  -- Hash of its Message-ID: the same letter is taken once in an organisation.
  key        bytea NOT NULL,
  -- Of its sender, under the installation's secret.
  sender     bytea,
  state      text NOT NULL CHECK (state IN ('made', 'added', 'aside')),
  reason     text,
  ticket_id  uuid,
  -- {from, subject}, sealed.
  head       bytea NOT NULL,
  at         timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, key),
  FOREIGN KEY (tenant_id, mailbox_id) REFERENCES mailboxes (tenant_id, id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX mail_letters_by_time ON mail_letters (tenant_id, mailbox_id, at DESC, id DESC);
CREATE INDEX mail_letters_by_sender ON mail_letters (tenant_id, sender, at);
CREATE INDEX mail_letters_by_ticket ON mail_letters (tenant_id, ticket_id);
CALL isolate_tenant('mail_letters');
