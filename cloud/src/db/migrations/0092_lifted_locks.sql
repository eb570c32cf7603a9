-- Failures are counted for each known browser and for each network beside; `locked_until` only says that somebody is
-- kept from the account. What was counted before an administrator lifted the locks counts no more.
ALTER TABLE users ADD COLUMN locks_lifted_at timestamptz(3);
COMMENT ON TABLE sign_in_limits IS 'Token buckets, and failures in a row, by keyed hash. Unlogged: a crash forgets them.';
