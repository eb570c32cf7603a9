-- Whoever asked comes back with a number and says no organisation: without this each such look reads every ticket.
CREATE INDEX tickets_by_number ON tickets (number);
