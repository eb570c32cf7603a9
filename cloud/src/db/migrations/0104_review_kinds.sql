-- Which kinds of finding an item has, and by which rules: so that a list of one kind is read in its order, without a look into each item.
ALTER TABLE review_items
  ADD COLUMN algorithms text[] NOT NULL DEFAULT '{}',
  ADD COLUMN rule_ids   uuid[] NOT NULL DEFAULT '{}';
UPDATE review_items i SET algorithms = f.algorithms, rule_ids = f.rule_ids
FROM (SELECT tenant_id, item_id, array_agg(DISTINCT algorithm) AS algorithms, array_agg(DISTINCT rule_id) AS rule_ids FROM review_findings GROUP BY 1, 2) f
WHERE f.tenant_id = i.tenant_id AND f.item_id = i.id;
DROP INDEX review_findings_by_algorithm;
