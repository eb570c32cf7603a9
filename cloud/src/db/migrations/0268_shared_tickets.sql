-- Whether other tasks of its ticket are to do as well: whoever has thousands to do is told how many without looking for those that stand there twice.
ALTER TABLE ticket_tasks ADD COLUMN is_shared boolean NOT NULL DEFAULT false;
UPDATE ticket_tasks k SET is_shared = true FROM (
  SELECT tenant_id, ticket_id FROM ticket_tasks WHERE state IN ('open', 'signed') GROUP BY tenant_id, ticket_id HAVING count(*) > 1
) s WHERE k.tenant_id = s.tenant_id AND k.ticket_id = s.ticket_id AND k.state IN ('open', 'signed');
DROP INDEX ticket_tasks_todo;
CREATE INDEX ticket_tasks_todo ON ticket_tasks (tenant_id, doer_id, sort_due, ticket_id) INCLUDE (yellow_at, red_at, is_shared) WHERE state IN ('open', 'signed');
