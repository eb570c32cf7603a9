-- Attachments of the exchange: which file went with which ticket, and what was refused and why.
ALTER TABLE exchange_files
  ADD COLUMN media_type text NOT NULL DEFAULT 'application/octet-stream',
  -- in: it was not taken, and messages that name it are taken without it.
  ADD COLUMN refused    text,
  ADD COLUMN detail     text;
CREATE INDEX exchange_files_by_time ON exchange_files (at);
CREATE INDEX exchange_files_by_content ON exchange_files (tenant_id, sha256);

-- Files of one ticket as they go between here and a channel, each once.
CREATE TABLE exchange_ticket_files (
  tenant_id  uuid NOT NULL,
  link_id    uuid NOT NULL,
  direction  text NOT NULL CHECK (direction IN ('in', 'out')),
  sha256     text NOT NULL,
  message_id uuid NOT NULL,
  name       text NOT NULL,
  bytes      bigint,
  media_type text,
  state      text NOT NULL CHECK (state IN ('waiting', 'accepted', 'refused')),
  code       text,
  detail     text,
  at         timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, link_id, direction, sha256),
  FOREIGN KEY (tenant_id, link_id) REFERENCES exchange_tickets (tenant_id, id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES exchange_messages (tenant_id, id)
);
CREATE INDEX exchange_ticket_files_by_message ON exchange_ticket_files (tenant_id, message_id);
CALL isolate_tenant('exchange_ticket_files');

-- Each channel is served by itself: what is due is looked for channel by channel.
DROP INDEX exchange_messages_due;
CREATE INDEX exchange_messages_due ON exchange_messages (channel_id, next_at, id) WHERE state = 'waiting' AND direction = 'out';
CREATE INDEX exchange_messages_last ON exchange_messages (link_id, pos) WHERE direction = 'out';
-- What strangers sent is kept shorter than what platforms did.
CREATE INDEX exchange_attempts_of_strangers ON exchange_attempts (at) WHERE message IS NULL;
CREATE INDEX exchange_tickets_by_change ON exchange_tickets (tenant_id, channel_id, updated_at, id);
