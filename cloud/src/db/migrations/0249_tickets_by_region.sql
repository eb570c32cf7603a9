-- Tickets of a region that lie in no hall, newest first: whoever sees some regions alone does not read past all the others.
CREATE INDEX tickets_by_region ON tickets (tenant_id, region_id, made_at DESC, id DESC) WHERE hall_id IS NULL AND region_id IS NOT NULL;
