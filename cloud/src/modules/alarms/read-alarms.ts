import type { Label } from '@hallhub/shared';
import { type Severity, severities } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { instantText } from '../fleet/instant-text.js';
import type { ActiveRule } from './active-rule.js';
import type { AlarmDto } from './contract.js';

interface AlarmRecord {
  id: string;
  hall_id: string;
  hall_name: string;
  unit_id: string;
  unit_name: string;
  device_id: string | null;
  device_name: string | null;
  rule_key: string;
  rule: ActiveRule;
  severity: Severity;
  message: Label;
  value: AlarmDto['value'];
  occurrences: number;
  raised_at: string;
  last_at: string;
  acknowledged_at: string | null;
  acknowledged_by_name: string | null;
  note: string | null;
  cleared_at: string | null;
  version: number;
}

/** The words of the index `alarms_by_urgency` (migration 0090): in others the order is made by sorting them all. */
const isOpen = sql`((a.cleared_at IS NULL)::int)`;
const weight = sql`(array_position(ARRAY['info', 'notice', 'warning', 'critical'], a.severity))`;

/** Open before cleared, severe before mild, new before old: what a person looks at first. */
export const byUrgency = sql`${isOpen} DESC, ${weight} DESC, a.raised_at DESC, a.id DESC`;

export interface UrgencyKey {
  readonly open: boolean;
  readonly severity: Severity;
  readonly raisedAt: string;
  readonly id: string;
}

/** Those that come after this one in `byUrgency`. */
export const lessUrgentThan = (key: UrgencyKey): SQL =>
  sql`(${isOpen}, ${weight}, a.raised_at, a.id) < (${key.open ? 1 : 0}::int, ${severities.indexOf(key.severity) + 1}::int, ${key.raisedAt}::timestamptz, ${key.id}::uuid)`;

/** Cleared ones, in words that the index knows. */
export const isCleared = sql`a.cleared_at IS NOT NULL AND ${isOpen} = 0`;

/** Alarms that `where` finds (over `alarms a`), with the names they are shown by. */
export const readAlarms = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit?: number; readonly order?: SQL },
): Promise<AlarmDto[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT a.*, h.name AS hall_name, u.name AS unit_name, coalesce(d.name, nullif(d.model, ''), d.id::text) AS device_name
    FROM alarms a JOIN halls h ON h.id = a.hall_id JOIN units u ON u.id = a.unit_id
    LEFT JOIN devices d ON d.tenant_id = a.tenant_id AND d.id = a.device_id
    WHERE a.tenant_id = ${of.tenantId} AND ${of.where} ORDER BY ${of.order ?? sql`a.id`} LIMIT ${of.limit ?? 1_000}`)) as unknown as {
    rows: AlarmRecord[];
  };
  return rows.map(toDto);
};

const toDto = (row: AlarmRecord): AlarmDto => ({
  id: row.id,
  hallId: row.hall_id,
  hallName: row.hall_name,
  unitId: row.unit_id,
  unitName: row.unit_name,
  deviceId: row.device_id,
  deviceName: row.device_name,
  rule: {
    ...originOf(row.rule_key),
    kind: row.rule.kind,
    property: row.rule.kind === 'threshold' ? row.rule.property : null,
    op: row.rule.kind === 'threshold' ? row.rule.op : null,
    limit: 'limit' in row.rule ? row.rule.limit : null,
    event: row.rule.kind === 'event' ? row.rule.event : null,
  },
  state: row.cleared_at ? 'cleared' : row.acknowledged_at ? 'acknowledged' : 'open',
  severity: row.severity,
  message: row.message,
  value: row.value,
  raisedAt: instantText(row.raised_at),
  lastAt: instantText(row.last_at),
  acknowledgedAt: instantText(row.acknowledged_at),
  acknowledgedBy: row.acknowledged_by_name,
  note: row.note,
  clearedAt: instantText(row.cleared_at),
  count: row.occurrences,
  version: row.version,
});

/** Who wrote the rule, read from its key (see `ActiveRule`). */
const originOf = (key: string): Pick<AlarmDto['rule'], 'source' | 'id'> => {
  if (key.startsWith('rule:')) return { source: 'hall', id: key.slice('rule:'.length) };
  return { source: key.startsWith('profile:') ? 'profile' : 'default', id: null };
};
