-- What a ticket is found by, beside it: most acts change a ticket but none of its words, and an index of words costs more to keep than all others.
-- Among the words of each stands the week in which it was made: the newest with a common word are found without looking at all that have it.
CREATE FUNCTION ticket_week(at timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$ SELECT floor(extract(epoch FROM at AT TIME ZONE 'UTC') / 604800)::integer $$;
-- No word begins like this.
CREATE FUNCTION ticket_week_word(tenant uuid, week integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT '@' || tenant::text || ' ' || week::text $$;

CREATE TABLE ticket_words (
  tenant_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  made_at   timestamptz(3) NOT NULL,
  words     tsvector NOT NULL
);
INSERT INTO ticket_words
SELECT tenant_id, id, made_at, words || array_to_tsvector(ARRAY[ticket_week_word(tenant_id, ticket_week(made_at))]) FROM tickets ORDER BY tenant_id, made_at;
ALTER TABLE tickets DROP COLUMN words;
SET LOCAL maintenance_work_mem = '256MB';
ALTER TABLE ticket_words ADD PRIMARY KEY (tenant_id, ticket_id),
  ADD FOREIGN KEY (tenant_id, ticket_id) REFERENCES tickets (tenant_id, id) ON DELETE CASCADE;
-- Kept at once: a list of what is still to be sorted in would be read by every search, and now and then somebody would wait for all of it.
CREATE INDEX ticket_words_found ON ticket_words USING gin (words) WITH (fastupdate = off);
CALL isolate_tenant('ticket_words');
ANALYZE ticket_words;
