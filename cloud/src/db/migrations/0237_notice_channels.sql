-- What leaves the house: e-mail, short messages, webhooks. docs/protocol.md 10.
CREATE TABLE notice_channels (
  id            uuid PRIMARY KEY,
  tenant_id     uuid NOT NULL REFERENCES tenants (id),
  kind          text NOT NULL CHECK (kind IN ('email', 'sms', 'webhook')),
  name          text NOT NULL,
  config        jsonb NOT NULL,
  -- Password of the mail account; secret that signs what is sent.
  secret        bytea,
  -- Signs too, for a day after a new one was made.
  old_secret    bytea,
  old_until     timestamptz(3),
  enabled       boolean NOT NULL DEFAULT true,
  -- Since when nothing has gone through; null: the last one did.
  failing_since timestamptz(3),
  last_ok_at    timestamptz(3),
  last_error_at timestamptz(3),
  last_code     text,
  last_detail   text,
  -- It switched itself off after days of failure.
  gave_up_at    timestamptz(3),
  version       integer NOT NULL DEFAULT 1,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  updated_at    timestamptz(3) NOT NULL DEFAULT now(),
  archived_at   timestamptz(3),
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX notice_channels_one ON notice_channels (tenant_id, kind) WHERE archived_at IS NULL AND kind <> 'webhook';
CALL isolate_tenant('notice_channels');

-- The log and, while `waiting`, the outbox. The id goes along as idempotency key: a repeat after a crash bears the same.
CREATE TABLE notice_deliveries (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  channel_id  uuid NOT NULL,
  channel     text NOT NULL CHECK (channel IN ('email', 'sms', 'webhook')),
  addressee   text NOT NULL CHECK (addressee IN ('person', 'requester', 'endpoint', 'address')),
  person_id   text,
  ticket_id   uuid,
  -- requester: the ticket's field that holds the number; it is opened when it is sent.
  field       text,
  ticket_kind text,
  rule        text NOT NULL,
  topic       text NOT NULL CHECK (topic IN ('given', 'urged', 'late', 'news', 'answer', 'account')),
  urgent      boolean NOT NULL DEFAULT false,
  text        jsonb NOT NULL,
  params      jsonb NOT NULL DEFAULT '{}',
  -- address: whom and what, sealed.
  body        bytea,
  once        text NOT NULL,
  state       text NOT NULL CHECK (state IN ('waiting', 'sent', 'delivered', 'failed', 'unknown', 'skipped', 'digested', 'dropped')),
  code        text,
  detail      text,
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz(3),
  leased_till timestamptz(3),
  -- Who holds the lease: only they may say what came of it.
  lease       uuid,
  -- The delivery that carried it in its summary.
  digest_id   uuid,
  -- Masked: what people see of the address.
  shown_to    text,
  -- The other side's number of it.
  ref         text,
  receipts    integer NOT NULL DEFAULT 0,
  made_at     timestamptz(3) NOT NULL,
  sent_at     timestamptz(3),
  done_at     timestamptz(3),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, channel_id, once),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES notice_channels (tenant_id, id)
);
CREATE INDEX notice_deliveries_due ON notice_deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX notice_deliveries_by_time ON notice_deliveries (tenant_id, made_at DESC, id DESC);
CREATE INDEX notice_deliveries_by_channel ON notice_deliveries (tenant_id, channel_id, made_at DESC, id DESC);
CREATE INDEX notice_deliveries_by_ticket ON notice_deliveries (tenant_id, ticket_id, made_at) WHERE ticket_id IS NOT NULL;
CREATE INDEX notice_deliveries_of_person ON notice_deliveries (tenant_id, channel_id, person_id, sent_at) WHERE person_id IS NOT NULL;
CREATE INDEX notice_deliveries_digest ON notice_deliveries (tenant_id, digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX notice_deliveries_unanswered ON notice_deliveries (sent_at) WHERE state = 'sent' AND channel = 'sms';
CREATE INDEX notice_deliveries_old ON notice_deliveries (made_at);
CALL isolate_tenant('notice_deliveries');

-- How people want to be reached outside the console.
CREATE TABLE user_contacts (
  user_id     uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  phone       bytea,
  phone_shown text,
  verified_at timestamptz(3),
  -- A number that its owner has not yet proved.
  pending       bytea,
  pending_shown text,
  code_hash   bytea,
  code_until  timestamptz(3),
  code_tries  integer NOT NULL DEFAULT 0,
  codes_sent  integer NOT NULL DEFAULT 0,
  codes_since timestamptz(3),
  prefs       jsonb NOT NULL DEFAULT '{}',
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CALL isolate_tenant('user_contacts');

-- Numbers and addresses that want nothing more: HMAC, never themselves.
CREATE TABLE notice_optouts (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  hash      bytea NOT NULL,
  at        timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);
CALL isolate_tenant('notice_optouts');
