-- What helps whoever works on a ticket: its words and place, what was learned of tickets that people closed, words to be warned of.
-- It can all be made anew from the tickets (POST /ticket-assist/retrain), but for the sensitive words.

CREATE TABLE assist_tickets (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  kind      text NOT NULL,
  -- Each once.
  words     text[] NOT NULL,
  requester bytea,
  hall_id   uuid,
  device_id uuid,
  lon       double precision,
  lat       double precision,
  -- `tree:a/b`.
  category  text,
  made_at   timestamptz(3) NOT NULL,
  -- Closed with an answer that others may be shown.
  answered  boolean NOT NULL DEFAULT false,
  -- What it taught: {"labels":{"category:matters":"city/road","office":"…"},"words":[…]}.
  taught    jsonb,
  PRIMARY KEY (tenant_id, ticket_id)
);
CREATE INDEX assist_tickets_words ON assist_tickets USING gin (words);
CREATE INDEX assist_tickets_requester ON assist_tickets (tenant_id, requester, made_at) WHERE requester IS NOT NULL;
CREATE INDEX assist_tickets_device ON assist_tickets (tenant_id, device_id, made_at) WHERE device_id IS NOT NULL;
CREATE INDEX assist_tickets_place ON assist_tickets (tenant_id, lat, lon) WHERE lat IS NOT NULL;
CALL isolate_tenant('assist_tickets');

-- Tickets that ended or began again since the last lesson; `labels` null: forget what it taught.
CREATE TABLE assist_waiting (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  labels    jsonb,
  since     timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id)
);
CALL isolate_tenant('assist_waiting');

CREATE TABLE assist_labels (
  tenant_id uuid NOT NULL,
  purpose   text NOT NULL,
  label     text NOT NULL,
  tickets   integer NOT NULL,
  -- Sum over its words of the tickets that hold them.
  words     bigint NOT NULL,
  PRIMARY KEY (tenant_id, purpose, label)
);
CALL isolate_tenant('assist_labels');

CREATE TABLE assist_words (
  tenant_id uuid NOT NULL,
  purpose   text NOT NULL,
  word      text NOT NULL,
  label     text NOT NULL,
  tickets   integer NOT NULL,
  PRIMARY KEY (tenant_id, purpose, word, label)
);
CALL isolate_tenant('assist_words');

-- How many different words each purpose knows, counted after each lesson.
CREATE TABLE assist_purposes (
  tenant_id  uuid NOT NULL,
  purpose    text NOT NULL,
  vocabulary integer NOT NULL,
  learned_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, purpose)
);
CALL isolate_tenant('assist_purposes');

CREATE TABLE assist_places (
  tenant_id uuid NOT NULL,
  text      text NOT NULL,
  lon       double precision,
  lat       double precision,
  used      integer NOT NULL DEFAULT 1,
  last_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, text)
);
CREATE INDEX assist_places_text ON assist_places USING gin (text gin_trgm_ops);
CALL isolate_tenant('assist_places');

CREATE TABLE sensitive_words (
  tenant_id  uuid NOT NULL,
  word       text NOT NULL,
  level      text NOT NULL CHECK (level IN ('note', 'urgent')),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, word)
);
CALL isolate_tenant('sensitive_words');
