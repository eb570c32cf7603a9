-- What was solved and is done again counts as reopened: tickets of before are brought up to date, with the lines of their history.
-- The moves that have something done again, of each version of each kind: from a step that only what is solved comes to, back to one
-- that the start leads to before.
CREATE TEMPORARY TABLE redo_moves ON COMMIT DROP AS
WITH RECURSIVE steps AS (
  SELECT v.tenant_id, v.code, v.version, s ->> 'id' AS step, coalesce(s -> 'actions', '[]') AS actions,
    NOT s ? 'end' AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(v.document -> 'states') p
      WHERE p ->> 'id' = s ->> 'state' AND p ->> 'phase' = 'solved') AS is_work
  FROM ticket_kind_versions v, jsonb_array_elements(v.document -> 'steps') s
), moves AS (
  SELECT s.tenant_id, s.code, s.version, s.step, s.is_work, a ->> 'id' AS action, a ->> 'act' = 'submit' AS is_submit,
    coalesce(a -> 'marks', '[]') ? 'solved' AS solves, o ->> 'step' AS to_step
  FROM steps s, jsonb_array_elements(s.actions) a, jsonb_array_elements(coalesce(a -> 'to', '[]')) o
), work AS (
  SELECT v.tenant_id, v.code, v.version, v.document ->> 'start' AS step FROM ticket_kind_versions v
  UNION
  SELECT m.tenant_id, m.code, m.version, m.to_step FROM work w
  JOIN moves m USING (tenant_id, code, version, step)
  JOIN steps s ON (s.tenant_id, s.code, s.version, s.step) = (m.tenant_id, m.code, m.version, m.to_step)
  WHERE m.is_work AND s.is_work AND NOT m.solves
)
SELECT DISTINCT m.tenant_id, m.code, m.version, m.step, m.action, m.to_step FROM moves m
JOIN work w ON (w.tenant_id, w.code, w.version, w.step) = (m.tenant_id, m.code, m.version, m.to_step)
WHERE m.is_submit AND NOT EXISTS (SELECT 1 FROM work b
  WHERE (b.tenant_id, b.code, b.version, b.step) = (m.tenant_id, m.code, m.version, m.step));
ANALYZE redo_moves;

-- Tasks know their actions, so that the histories of the few tickets that it concerns are read alone.
CREATE TEMPORARY TABLE redone_lines ON COMMIT DROP AS
SELECT DISTINCT h.tenant_id, h.ticket_id, h.seq, k.id::text AS task,
  EXISTS (SELECT 1 FROM ticket_history w WHERE w.tenant_id = h.tenant_id AND w.ticket_id = h.ticket_id AND w.seq > h.seq
    AND w.type = 'withdrawn' AND w.data ->> 'task' = k.id::text) AS is_withdrawn
FROM ticket_tasks k
JOIN tickets t ON t.tenant_id = k.tenant_id AND t.id = k.ticket_id
JOIN redo_moves r ON r.tenant_id = t.tenant_id AND r.code = t.kind AND r.version = t.kind_version AND r.step = k.step AND r.action = k.action
JOIN ticket_history h ON h.tenant_id = k.tenant_id AND h.ticket_id = k.ticket_id AND h.type = 'finished' AND h.data ->> 'task' = k.id::text
  AND h.data ->> 'action' = k.action
JOIN ticket_history e ON e.tenant_id = h.tenant_id AND e.ticket_id = h.ticket_id AND e.seq IN (h.seq + 1, h.seq + 2) AND e.at = h.at
  AND e.type = 'entered' AND e.data ->> 'step' = r.to_step
WHERE k.state = 'done';

UPDATE ticket_history h SET data = h.data || '{"redo": true}' FROM redone_lines l
WHERE h.tenant_id = l.tenant_id AND h.ticket_id = l.ticket_id AND h.seq = l.seq;

CREATE TEMPORARY TABLE redone_tickets ON COMMIT DROP AS
SELECT tenant_id, ticket_id, count(*)::int AS times, array_agg(task) AS tasks FROM redone_lines WHERE NOT is_withdrawn
GROUP BY tenant_id, ticket_id;

UPDATE tickets t SET reopened = t.reopened + d.times,
  state = t.state || jsonb_build_object('reopened', t.reopened + d.times, 'redone', d.times)
    || CASE WHEN t.state -> 'lastMove' ->> 'task' = ANY (d.tasks)
         THEN jsonb_build_object('lastMove', t.state -> 'lastMove' || '{"redo": true}') ELSE '{}' END
FROM redone_tickets d WHERE t.tenant_id = d.tenant_id AND t.id = d.ticket_id;
UPDATE ticket_facts f SET reopened = least(32767, f.reopened + d.times) FROM redone_tickets d
WHERE f.tenant_id = d.tenant_id AND f.ticket_id = d.ticket_id;
DROP TABLE redo_moves, redone_lines, redone_tickets;
