-- What somebody is told within the console. Each is told once, however often the change that it is about is tried.
CREATE TABLE notices (
  id        uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  person_id text NOT NULL,
  ticket_id uuid,
  -- The kind's notice, or what the product itself tells: escalated, instructed, reminded.
  rule      text NOT NULL,
  text      jsonb NOT NULL,
  once      text NOT NULL,
  made_at   timestamptz(3) NOT NULL,
  read_at   timestamptz(3),
  UNIQUE (tenant_id, person_id, once)
);
CREATE INDEX notices_of_person ON notices (tenant_id, person_id, made_at DESC, id DESC);
CREATE INDEX notices_unread ON notices (tenant_id, person_id) WHERE read_at IS NULL;
CREATE INDEX notices_old ON notices (made_at);
CALL isolate_tenant('notices');
