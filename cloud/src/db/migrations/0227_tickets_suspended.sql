-- Looked for every minute: which go on now.
CREATE INDEX tickets_suspended ON tickets (id) WHERE status = 'suspended';
