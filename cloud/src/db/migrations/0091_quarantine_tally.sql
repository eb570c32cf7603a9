-- Values put in quarantine, by the hour they arrived in: their own time is what is wrong with them.
ALTER TABLE proof_tallies DROP CONSTRAINT proof_tallies_kind_check;
ALTER TABLE proof_tallies ADD CONSTRAINT proof_tallies_kind_check CHECK (kind IN ('value', 'event', 'presence', 'command', 'fault', 'quarantine'));
