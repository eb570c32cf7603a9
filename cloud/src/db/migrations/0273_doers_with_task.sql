-- Whoever has, or had, a task of a ticket may see it always: what somebody has done is then counted from one index, and only the
-- few tickets that they merely said something about are looked at.
ALTER TABLE ticket_doers ADD COLUMN had_task boolean NOT NULL DEFAULT false;
DROP INDEX ticket_doers_by_person;
UPDATE ticket_doers d SET had_task = true FROM ticket_tasks k
WHERE k.tenant_id = d.tenant_id AND k.ticket_id = d.ticket_id AND d.person_id IN (k.held_by, k.party_id);
CREATE INDEX ticket_doers_by_person ON ticket_doers (tenant_id, person_id, is_over, made_at, ticket_id) INCLUDE (had_task);
