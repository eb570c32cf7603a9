-- Tickets that run and whose promise is broken, or will be: statistics and lists ask which are late by now, and read no ticket for it.
CREATE INDEX tickets_late ON tickets (tenant_id, red_at, id) WHERE status <> 'ended' AND red_at IS NOT NULL;
