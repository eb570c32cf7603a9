-- What an item is found by when somebody types: names of its rules, and what they saw. Kept with the item, for a list is read in its order.
ALTER TABLE review_items ADD COLUMN words text NOT NULL DEFAULT '';
UPDATE review_items i SET words = f.words
FROM (SELECT tenant_id, item_id, left(string_agg(DISTINCT concat_ws(' ', rule_name, detail), ' '), 4000) AS words FROM review_findings GROUP BY 1, 2) f
WHERE f.tenant_id = i.tenant_id AND f.item_id = i.id;

CREATE INDEX review_items_by_decision ON review_items (tenant_id, decision, started_at DESC, id DESC) WHERE decision IS NOT NULL;
CREATE INDEX review_items_by_severity ON review_items (tenant_id, severity, started_at DESC, id DESC);
CREATE INDEX review_findings_by_algorithm ON review_findings (tenant_id, algorithm, started_at);

-- A finding carries its signed rows and is a hundred times as wide as what a month is counted by: counting reads the index alone.
DROP INDEX review_findings_by_time;
CREATE INDEX review_findings_by_time ON review_findings (tenant_id, started_at)
  INCLUDE (hall_id, device_id, algorithm, decision, decided_at, received_at);

-- Who has an item open just now: so that two do not decide the same. Rows live for minutes.
CREATE TABLE review_looks (
  tenant_id uuid NOT NULL,
  item_id   uuid NOT NULL,
  person_id uuid NOT NULL,
  name      text NOT NULL,
  since     timestamptz(3) NOT NULL,
  seen_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, item_id, person_id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES review_items (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX review_looks_by_time ON review_looks (seen_at);
CALL isolate_tenant('review_looks');
