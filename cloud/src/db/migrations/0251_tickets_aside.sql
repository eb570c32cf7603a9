-- A ticket whose clocks cannot be computed or noted (its kind’s document is damaged, a value does not open): it waits by itself, with the
-- reason, and the others of its organisation go on. It is tried again later and later.
CREATE TABLE tickets_aside (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  work      text NOT NULL CHECK (work IN ('recompute', 'note', 'resume')),
  reason    text NOT NULL,
  since     timestamptz(3) NOT NULL,
  tries     integer NOT NULL,
  last_at   timestamptz(3) NOT NULL,
  retry_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id, work),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CALL isolate_tenant('tickets_aside');
