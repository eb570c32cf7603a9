import { uuidv7 } from '@hallhub/shared';
import type { PresenceRow, PresenceState } from '@hallhub/shared/wire';
import type { IngestContext } from '../streams/ingest-context.js';
import type { PlacedRow } from '../streams/read-rows.js';

/** A device's state after these rows, for who watches presence. */
export interface PresenceNow {
  readonly deviceId: string;
  readonly state: PresenceState;
  readonly reason: string;
  readonly sinceMs: number;
}

interface Run {
  last: PlacedRow<PresenceRow>;
  /** Corrected time of the first row of the last unbroken run of one state. */
  sinceMs: number;
  /** The run reaches back to the batch's first row of this device: the state may have begun before it. */
  fromStart: boolean;
}

/** Adds to the presence history and moves each device to its last state. The rows' devices must be claimed. */
export const applyPresenceRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<PresenceRow>[],
): Promise<PresenceNow[]> => {
  if (placed.length === 0) return [];
  const runs = new Map<string, Run>();
  for (const one of placed) {
    const run = runs.get(one.row.deviceId);
    if (run?.last.row.state === one.row.state) run.last = one;
    else {
      runs.set(one.row.deviceId, { last: one, sinceMs: context.correctedMs(one.row.at), fromStart: run === undefined });
    }
  }
  await addHistory(context, placed);
  const records = [...runs.values()]
    .sort((a, b) => (a.last.row.deviceId < b.last.row.deviceId ? -1 : 1))
    .map(({ last: { row }, sinceMs, fromStart }) => ({
      id: row.deviceId,
      state: row.state,
      reason: row.reason,
      detail: row.detail ?? null,
      evidence: row.evidence,
      since: new Date(sinceMs).toISOString(),
      from_start: fromStart,
    }));
  const moved = await context.tx.$client.query<{ id: string; presence: PresenceState; reason: string; since: Date }>({
    name: 'apply-presence-rows',
    text: `UPDATE devices d SET presence = r.state, presence_reason = r.reason, presence_detail = r.detail, presence_evidence = r.evidence,
        presence_since = CASE WHEN r.from_start AND d.presence = r.state THEN d.presence_since ELSE r.since END, updated_at = $2
      FROM jsonb_to_recordset($3::jsonb) AS r(id uuid, state text, reason text, detail text, evidence jsonb, since timestamptz, from_start boolean)
      WHERE d.tenant_id = $1 AND d.id = r.id
      RETURNING d.id, d.presence, d.presence_reason AS reason, d.presence_since AS since`,
    values: [context.tenantId, context.receivedAt, JSON.stringify(records)],
  });
  return moved.rows.map((row) => {
    context.announce({
      topic: 'devices',
      type: 'device.presence',
      deviceId: row.id,
      data: { deviceId: row.id, state: row.presence, reason: row.reason, since: row.since.toISOString() },
    });
    return { deviceId: row.id, state: row.presence, reason: row.reason, sinceMs: row.since.getTime() };
  });
};

const addHistory = async (context: IngestContext, placed: readonly PlacedRow<PresenceRow>[]): Promise<void> => {
  const records = placed.map(({ row }) => ({
    device_id: row.deviceId,
    id: uuidv7(context.receivedAt.getTime()),
    at: new Date(context.correctedMs(row.at)).toISOString(),
    state: row.state,
    reason: row.reason,
    detail: row.detail ?? null,
    evidence: row.evidence,
  }));
  await context.tx.$client.query({
    name: 'add-presence-history',
    text: `INSERT INTO presence_changes (tenant_id, received_at, device_id, id, at, state, reason, detail, evidence)
      SELECT $1, $2, r.* FROM jsonb_to_recordset($3::jsonb) AS r(device_id uuid, id uuid, at timestamptz, state text, reason text, detail text, evidence jsonb)`,
    values: [context.tenantId, context.receivedAt, JSON.stringify(records)],
  });
};
