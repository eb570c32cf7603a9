-- How far the older tickets of a kind were gone through since the version that made more of its fields personal.
CREATE TABLE ticket_sealings (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  kind      text NOT NULL,
  version   integer NOT NULL,
  -- Tickets up to this one are done; null: none yet.
  after     uuid,
  tickets   integer NOT NULL,
  failed    integer NOT NULL,
  done_at   timestamptz(3),
  PRIMARY KEY (tenant_id, kind)
);
CALL isolate_tenant('ticket_sealings');
