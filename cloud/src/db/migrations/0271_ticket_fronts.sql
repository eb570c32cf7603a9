-- A form’s page may stand on a kiosk, behind an official account’s menu or at a hotline’s desk: its tickets say so.
ALTER TABLE ticket_forms ADD COLUMN source text NOT NULL DEFAULT 'web_form'
  CHECK (source IN ('web_form', 'kiosk', 'guide_screen', 'hotline', 'wechat', 'alipay'));

-- Requests that a program of the house sent for somebody: by whom that person is known there, hashed under the installation’s secret.
CREATE TABLE ticket_fronts (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  source    text NOT NULL CHECK (source IN ('api', 'kiosk', 'guide_screen', 'hotline', 'wechat', 'alipay')),
  person    bytea,
  PRIMARY KEY (tenant_id, ticket_id),
  FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id)
);
CREATE INDEX ticket_fronts_by_person ON ticket_fronts (tenant_id, person, ticket_id DESC) WHERE person IS NOT NULL;
CALL isolate_tenant('ticket_fronts');
