import type { Severity } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { instantText } from '../fleet/instant-text.js';
import type { ProfileBook } from '../fleet/profile-book.js';
import type { EventDto } from './contract.js';

interface EventRecord {
  id: string;
  at: string;
  received_at: string;
  device_id: string;
  device_name: string | null;
  profile_hash: string | null;
  hall_id: string;
  event: string;
  severity: Severity;
  data: Record<string, unknown>;
}

/** Events that `where` finds (over `device_events e`, `devices d`), newest first, with their labels. */
export const readEvents = async (
  tx: Tx,
  profiles: ProfileBook,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number },
): Promise<EventDto[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT e.id, e.at, e.received_at, e.device_id, coalesce(nullif(d.name, ''), d.model || ' ' || d.serial) AS device_name, d.profile_hash,
      e.hall_id, e.event, e.severity, e.data
    FROM device_events e JOIN devices d ON d.tenant_id = e.tenant_id AND d.id = e.device_id
    WHERE e.tenant_id = ${of.tenantId} AND ${of.where} ORDER BY e.at DESC, e.id DESC LIMIT ${of.limit}`)) as unknown as {
    rows: EventRecord[];
  };
  const known = await profiles.getMany(
    tx,
    of.tenantId,
    rows.flatMap(({ profile_hash }) => profile_hash ?? []),
  );
  return rows.map((row) => ({
    id: row.id,
    at: instantText(row.at),
    receivedAt: instantText(row.received_at),
    deviceId: row.device_id,
    deviceName: row.device_name,
    hallId: row.hall_id,
    event: row.event,
    label: known.get(row.profile_hash ?? '')?.thing.events.find(({ id }) => id === row.event)?.label ?? null,
    severity: row.severity,
    data: row.data,
  }));
};
