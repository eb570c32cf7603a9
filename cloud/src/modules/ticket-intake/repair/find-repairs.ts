import type { Label } from '@hallhub/shared';
import { type Database, withSystem } from '../../../db/index.js';
import type { Severity } from '../tables.js';

const batchSize = 50;
const ranks = "ARRAY['info', 'notice', 'warning', 'critical']";

export interface RaisedAlarm {
  tenant_id: string;
  id: string;
  hall_id: string;
  unit_id: string;
  device_id: string | null;
  source_id: string;
  rule_key: string;
  severity: Severity;
  message: Label;
  raised_at: Date;
  rule_id: string;
  kind: string;
  levels: Partial<Record<Severity, string>>;
  reopen_hours: number;
  most_per_hour: number;
}

/** Alarms that stand as long as their place's rule says and are no repair yet. */
export const findRaised = async (
  database: Database,
  { at, letBe }: { readonly at: Date; readonly letBe: readonly string[] },
): Promise<RaisedAlarm[]> => {
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<RaisedAlarm>(
      `SELECT a.tenant_id, a.id, a.hall_id, a.unit_id, a.device_id, coalesce(a.device_id, a.unit_id) AS source_id, a.rule_key, a.severity, a.message,
         a.raised_at, r.id AS rule_id, r.kind, r.levels, r.reopen_hours, r.most_per_hour
       FROM alarms a
       JOIN LATERAL (SELECT * FROM repair_rules r WHERE r.tenant_id = a.tenant_id AND (r.hall_id = a.hall_id OR r.hall_id IS NULL)
         ORDER BY r.hall_id NULLS LAST LIMIT 1) r ON r.enabled
       WHERE a.cleared_at IS NULL AND a.raised_at >= r.created_at AND a.raised_at <= $2::timestamptz - make_interval(secs => r.after_seconds)
         AND array_position(${ranks}, a.severity) >= array_position(${ranks}, r.from_severity)
         AND NOT EXISTS (SELECT 1 FROM repair_alarms k WHERE k.tenant_id = a.tenant_id AND k.alarm_id = a.id AND k.ticket_id IS NOT NULL)
         AND a.id <> ALL($1::uuid[])
       ORDER BY a.raised_at, a.id LIMIT ${batchSize}`,
      [letBe, at],
    ),
  );
  return rows;
};

export interface ClearedAlarm {
  tenant_id: string;
  id: string;
  ticket_id: string;
  place: number;
  message: Label;
  cleared_at: Date;
}

/** Ends of alarms that their repair does not know of. */
export const findCleared = async (database: Database, letBe: readonly string[]): Promise<ClearedAlarm[]> => {
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<ClearedAlarm>(
      `SELECT k.tenant_id, k.alarm_id AS id, k.ticket_id, k.place, a.message, a.cleared_at FROM repair_alarms k
       JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id
       WHERE k.cleared_at IS NULL AND k.ticket_id IS NOT NULL AND a.cleared_at IS NOT NULL AND a.id <> ALL($1::uuid[])
       ORDER BY a.cleared_at LIMIT ${batchSize}`,
      [letBe],
    ),
  );
  return rows;
};

export interface WatchedRepair {
  tenant_id: string;
  /** Of the ticket. */
  id: string;
  kind: string;
  kind_version: number;
  step: string;
  status: string;
  quiet_seconds: number;
}

/** Repairs with alarms that are not over, or have just ended; which of them stand in a verification their kinds say. */
export const findWatched = async (database: Database, letBe: readonly string[]): Promise<WatchedRepair[]> => {
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<WatchedRepair>(
      `SELECT t.tenant_id, t.id, t.kind, t.kind_version, t.step, t.status, coalesce((SELECT r.quiet_seconds FROM repair_rules r
         WHERE r.tenant_id = t.tenant_id AND (r.hall_id = t.hall_id OR r.hall_id IS NULL) ORDER BY r.hall_id NULLS LAST LIMIT 1), 300) AS quiet_seconds
       FROM repair_watches w JOIN tickets t ON t.tenant_id = w.tenant_id AND t.id = w.ticket_id
       WHERE t.status <> 'suspended' AND t.id <> ALL($1::uuid[])`,
      [letBe],
    ),
  );
  return rows;
};

export interface UntoldAdvice {
  tenant_id: string;
  /** Of the ticket. */
  id: string;
  failures: number;
}

export const findUntoldAdvice = async (database: Database, letBe: readonly string[]): Promise<UntoldAdvice[]> => {
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<UntoldAdvice>(
      `SELECT tenant_id, ticket_id AS id, failures FROM repair_advice WHERE told_at IS NULL AND ticket_id <> ALL($1::uuid[])
       ORDER BY at LIMIT ${batchSize}`,
      [letBe],
    ),
  );
  return rows;
};
