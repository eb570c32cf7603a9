-- How right a rule was is counted rule by rule, its newest findings first, and how a report's rules did within its time: both from an
-- index alone, for a finding carries its signed rows and is wide.
DROP INDEX review_findings_by_rule;
CREATE INDEX review_findings_by_rule ON review_findings (tenant_id, device_id, rule_id, started_at DESC)
  INCLUDE (hall_id, decision, confidence);

DROP INDEX review_findings_by_time;
CREATE INDEX review_findings_by_time ON review_findings (tenant_id, started_at)
  INCLUDE (hall_id, device_id, rule_id, algorithm, decision, decided_at, received_at);
