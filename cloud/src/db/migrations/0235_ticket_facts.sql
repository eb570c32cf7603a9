-- One narrow row a ticket, kept in the transaction of each act: what statistics count. It can be made anew from the tickets.
CREATE TABLE ticket_facts (
  tenant_id    uuid NOT NULL,
  ticket_id    uuid NOT NULL,
  kind         text NOT NULL,
  source       text NOT NULL,
  level        text,
  hall_id      uuid,
  region_id    uuid,
  -- `tree:a/b`.
  category     text,
  -- In its hall's zone.
  made_day     date NOT NULL,
  made_hour    smallint NOT NULL,
  ended_day    date,
  outcome      text,
  -- Who solved it; until then, who has it.
  office_id    uuid,
  person_id    uuid,
  solved       boolean NOT NULL,
  fed_back     boolean NOT NULL,
  confirmed    boolean NOT NULL,
  -- Since when a promise is broken, of an ended ticket; of one that runs, tickets.red_at says so.
  red_at       timestamptz(3),
  returned     smallint NOT NULL,
  reopened     smallint NOT NULL,
  extended     smallint NOT NULL,
  supervised   boolean NOT NULL,
  satisfaction smallint,
  -- From its making, in seconds of plain time.
  signed_s     integer,
  solved_s     integer,
  ended_s      integer,
  -- Choices of its fields: {"nature":"complaint","dissatisfiedBecause":"slow"}. Never personal ones.
  choices      jsonb NOT NULL,
  PRIMARY KEY (tenant_id, ticket_id)
);
CREATE INDEX ticket_facts_day ON ticket_facts (tenant_id, made_day);
CALL isolate_tenant('ticket_facts');
