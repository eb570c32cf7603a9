import type { EvidenceState } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { EvidenceDto } from '../contract.js';

export interface EvidenceFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly state?: EvidenceState | undefined;
}

interface Row {
  id: string;
  unit_id: string;
  hall_id: string;
  device_id: string | null;
  device_name: string | null;
  event_id: string | null;
  name: string | null;
  media_type: string | null;
  bytes: string | null;
  sha256: string | null;
  made_at: string | null;
  state: EvidenceState;
  reason: string | null;
  received_at: string;
  changed_at: string;
}

/** What came last first. */
export const listEvidence = async (ctx: VerbContext, filter: EvidenceFilter): Promise<Page<EvidenceDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const where = [
    sql`e.tenant_id = ${ctx.actor.tenantId}`,
    inReach(sql`e.hall_id`, ctx.actor, 'evidence.read'),
    filter.hallId && sql`e.hall_id = ${filter.hallId}`,
    filter.unitId && sql`e.unit_id = ${filter.unitId}`,
    filter.deviceId && sql`e.device_id = ${filter.deviceId}`,
    filter.eventId && sql`e.event_id = ${filter.eventId}`,
    filter.state && sql`e.state = ${filter.state}`,
    after && sql`(e.received_at, e.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const { rows } = (await withTenant(ctx.db, ctx.actor, (tx) =>
    tx.execute(sql`SELECT e.id, e.unit_id, e.hall_id, e.device_id, e.event_id, e.name, e.media_type, e.bytes, encode(e.sha256, 'hex') AS sha256,
      e.made_at, e.state, e.reason, e.received_at, e.changed_at,
      coalesce(nullif(d.name, ''), nullif(concat_ws(' ', nullif(d.model, ''), nullif(d.serial, '')), '')) AS device_name
      FROM evidence e LEFT JOIN devices d ON d.tenant_id = e.tenant_id AND d.id = e.device_id
      WHERE ${sql.join(where, sql` AND `)} ORDER BY e.received_at DESC, e.id DESC LIMIT ${filter.limit + 1}`),
  )) as unknown as { rows: Row[] };
  return toPage(rows.map(toDto), filter.limit, { item: (dto) => dto, key: (dto) => [dto.receivedAt, dto.id] });
};

const toDto = (row: Row): EvidenceDto => ({
  ...{ id: row.id, unitId: row.unit_id, hallId: row.hall_id, deviceId: row.device_id, deviceName: row.device_name },
  ...{ eventId: row.event_id, name: row.name, mediaType: row.media_type, sha256: row.sha256, state: row.state },
  bytes: row.bytes === null ? null : Number(row.bytes),
  madeAt: row.made_at === null ? null : instantText(row.made_at),
  reason: row.reason,
  receivedAt: instantText(row.received_at),
  changedAt: instantText(row.changed_at),
});
