-- Calls to the support line of a day, as its telephone counts them: offered, and answered by a person.
CREATE TABLE support_line_days (
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  day             date NOT NULL,
  offered         integer NOT NULL CHECK (offered >= 0),
  answered        integer NOT NULL CHECK (answered BETWEEN 0 AND offered),
  note            text,
  updated_at      timestamptz(3) NOT NULL,
  updated_by_name text NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
CALL isolate_tenant('support_line_days');
