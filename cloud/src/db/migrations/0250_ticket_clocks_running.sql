-- What runs by a calendar: asked before the calendar is changed.
CREATE INDEX ticket_clocks_running ON ticket_clocks (tenant_id, calendar) WHERE ended_at IS NULL;
