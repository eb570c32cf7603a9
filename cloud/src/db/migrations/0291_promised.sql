-- Whether any clock of a ticket ever began: one that ended without a promise has neither kept nor broken one.
ALTER TABLE tickets ADD COLUMN promised boolean NOT NULL DEFAULT true;
UPDATE tickets t SET promised = false
  WHERE NOT EXISTS (SELECT 1 FROM ticket_clocks c WHERE c.tenant_id = t.tenant_id AND c.ticket_id = t.id);
ALTER TABLE ticket_facts ADD COLUMN promised boolean NOT NULL DEFAULT true;
UPDATE ticket_facts f SET promised = false FROM tickets t WHERE t.tenant_id = f.tenant_id AND t.id = f.ticket_id AND NOT t.promised;
