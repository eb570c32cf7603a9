-- Linking belongs to the session that began it: where that one has ended meanwhile, nothing is linked.
ALTER TABLE sign_on_flows ADD COLUMN session_id uuid;
