-- document: shared/src/ticket/clock/work-calendar.ts, holidays and moved working days included.
CREATE TABLE work_calendars (
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  code            text NOT NULL,
  document        jsonb NOT NULL,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_at      timestamptz(3) NOT NULL DEFAULT now(),
  updated_by_name text,
  PRIMARY KEY (tenant_id, code)
);
CALL isolate_tenant('work_calendars');
