import { uuidv7 } from '@hallhub/shared';
import type { EventRow } from '@hallhub/shared/wire';
import type { Tx } from '../../../db/index.js';
import type { AppendedEvent } from '../../events/append-events.js';
import { heardEvents } from './catalogue.js';

interface Noted {
  readonly source: string;
  readonly key: string;
  readonly what: 'seen' | 'confirmed' | 'undone';
  readonly hallId: string;
  readonly deviceId: string;
  /** Of the hall, corrected. */
  readonly at: Date;
  readonly data: Record<string, unknown>;
}

/** In the transaction of what they are about: nothing is told twice, and nothing is lost. Only what some rule is on for. */
const noteOccurrences = async (
  tx: Tx,
  { tenantId, now }: { readonly tenantId: string; readonly now: Date },
  noted: readonly Noted[],
): Promise<void> => {
  if (noted.length === 0) return;
  await tx.$client.query(
    `INSERT INTO intake_inbox (tenant_id, received_at, next_at, id, source, key, what, hall_id, device_id, at, data)
     SELECT $1, $2, $2, x.* FROM jsonb_to_recordset($3::jsonb) AS x(id uuid, source text, key text, what text, hall_id uuid, device_id uuid,
       at timestamptz, data jsonb)
     WHERE EXISTS (SELECT 1 FROM intake_rules r WHERE r.tenant_id = $1 AND r.source = x.source AND r.enabled
       AND (r.hall_id IS NULL OR r.hall_id = x.hall_id)) OR x.what = 'undone'
     ON CONFLICT DO NOTHING`,
    [
      ...[tenantId, now],
      JSON.stringify(
        noted.map((one) => ({
          ...{ id: uuidv7(now.getTime()), source: one.source, key: one.key, what: one.what, hall_id: one.hallId },
          ...{ device_id: one.deviceId, at: one.at.toISOString(), data: one.data },
        })),
      ),
    ],
  );
};

/** Events of devices that a source of tickets listens to. */
export const noteEvents = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly hallId: string; readonly receivedAt: Date },
  events: readonly AppendedEvent[],
): Promise<void> => {
  const heard = events.filter(({ row }) => heardEvents.has(row.event));
  const noted = heard.flatMap(({ id, atMs, row }) =>
    (heardEvents.get(row.event) ?? []).map(
      (source): Noted => ({
        ...{ source: source.id, key: `${row.deviceId}:${id}`, what: 'seen', hallId: of.hallId, deviceId: row.deviceId },
        ...{ at: new Date(atMs), data: { ...bounded(row.data), severity: row.severity } },
      }),
    ),
  );
  await noteOccurrences(tx, { tenantId: of.tenantId, now: of.receivedAt }, noted);
};

/** Only short plain values: rules ask for no more, and a log is no store of what devices send. */
const bounded = (data: EventRow['data']): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data ?? {})
      .filter(
        ([, value]) =>
          typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= 200),
      )
      .slice(0, 30),
  );

/** A finding came, was confirmed, or its decision was taken back. */
export const noteFindings = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly now: Date; readonly what: Noted['what'] },
  findings: readonly { readonly id: string; readonly hallId: string; readonly deviceId: string; readonly at: Date }[],
): Promise<void> => {
  await noteOccurrences(
    tx,
    of,
    findings.map(({ id, hallId, deviceId, at }) => ({
      ...{ source: 'vision', key: id, what: of.what, hallId, deviceId, at, data: {} },
    })),
  );
};
