-- The order in which people look at alarms (modules/alarms/read-alarms.ts has the same words): open, severe, new first.
CREATE INDEX alarms_by_urgency ON alarms (tenant_id, ((cleared_at IS NULL)::int) DESC,
  (array_position(ARRAY['info', 'notice', 'warning', 'critical'], severity)) DESC, raised_at DESC, id DESC);
