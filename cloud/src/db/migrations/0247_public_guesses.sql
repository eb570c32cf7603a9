-- Guesses at PINs, counted by number and network together, by network, and by number, each by keyed hash; numbers that nobody gave count
-- alike. A crash forgets them. The columns failures and locked_until of ticket_pins, by which anybody could lock anybody's ticket, count
-- no more; processes of the version before still write them.
CREATE UNLOGGED TABLE ticket_pin_guesses (
  key        bytea PRIMARY KEY,
  failures   integer NOT NULL,
  at         timestamptz(3) NOT NULL,
  held_until timestamptz(3)
);
CREATE INDEX ticket_pin_guesses_age ON ticket_pin_guesses (at);
REVOKE ALL ON ticket_pin_guesses FROM hallhub_app;

-- Links of messages that were followed: each is good once.
CREATE TABLE ticket_links_used (
  token_hash bytea PRIMARY KEY,
  at         timestamptz(3) NOT NULL
);
CREATE INDEX ticket_links_used_age ON ticket_links_used (at);
REVOKE ALL ON ticket_links_used FROM hallhub_app;
