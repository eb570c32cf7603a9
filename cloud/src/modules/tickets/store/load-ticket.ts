import { HubError } from '@hallhub/shared';
import type { TicketEvent, TicketSource, TicketState } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { TicketRecord } from '../ticket-record.js';

interface Row {
  id: string;
  tenant_id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  source: TicketSource;
  hall_id: string | null;
  region_id: string | null;
  device_id: string | null;
  alarm_id: string | null;
  parent_id: string | null;
  place_text: string | null;
  lon: number | null;
  lat: number | null;
  origin_system: string | null;
  origin_key: string | null;
  requester: Buffer | null;
  made_by_name: string;
  state: TicketState;
  seq: number;
  due_at: Date | null;
  yellow_at: Date | null;
  red_at: Date | null;
  promised: boolean;
  hall_name: string | null;
  hall_code: string | null;
  region_code: string | null;
  time_zone: string | null;
  newest_version: number | null;
}

/** A ticket and what its place is called. */
export interface LoadedTicket extends TicketRecord {
  readonly hallName: string | null;
  readonly hallCode: string | null;
  readonly regionCode: string | null;
  readonly timeZone: string | null;
  /** Of its kind, published: what is personal there is so here. */
  readonly newestVersion?: number | null;
}

export const ticketColumns = `t.id, t.tenant_id, t.number, t.title, t.kind, t.kind_version, t.source, t.hall_id, t.region_id, t.device_id, t.alarm_id,
  t.parent_id, t.place_text, t.lon, t.lat, t.origin_system, t.origin_key, t.requester, t.made_by_name, t.state, t.seq, t.due_at, t.yellow_at,
  t.red_at, t.promised, h.name AS hall_name, h.code AS hall_code, h.time_zone, r.code AS region_code,
  k.published_version AS newest_version`;
export const ticketJoins = `LEFT JOIN halls h ON h.tenant_id = t.tenant_id AND h.id = t.hall_id
  LEFT JOIN regions r ON r.tenant_id = t.tenant_id AND r.id = t.region_id
  LEFT JOIN ticket_kinds k ON k.tenant_id = t.tenant_id AND k.code = t.kind`;

const ms = (at: Date | null): number | null => at?.getTime() ?? null;

export const toTicket = (row: Row): LoadedTicket => ({
  ...{ id: row.id, tenantId: row.tenant_id, number: row.number, title: row.title, kind: row.kind },
  ...{ kindVersion: row.kind_version, source: row.source, hallId: row.hall_id, regionId: row.region_id },
  ...{ deviceId: row.device_id, alarmId: row.alarm_id, parentId: row.parent_id, requester: row.requester },
  place: row.place_text === null ? null : { text: row.place_text, lon: row.lon, lat: row.lat },
  origin:
    row.origin_system === null || row.origin_key === null ? null : { system: row.origin_system, key: row.origin_key },
  ...{ madeByName: row.made_by_name, sealed: row.state, seq: row.seq },
  ...{ dueAt: ms(row.due_at), yellowAt: ms(row.yellow_at), redAt: ms(row.red_at), promised: row.promised },
  ...{ hallName: row.hall_name, hallCode: row.hall_code, regionCode: row.region_code, timeZone: row.time_zone },
  newestVersion: row.newest_version,
});

export const noSuchTicket = (): HubError => new HubError('not_found', 'There is no such ticket');

/** `lock`: nobody else changes it until this transaction ends. Throws `not_found`. */
export const loadTicket = async (
  tx: Tx,
  {
    tenantId,
    ticketId,
    lock = false,
  }: { readonly tenantId: string; readonly ticketId: string; readonly lock?: boolean },
): Promise<LoadedTicket> => {
  const { rows } = await tx.$client.query<Row>({
    name: lock ? 'lock_ticket' : 'load_ticket',
    text: `SELECT ${ticketColumns} FROM tickets t ${ticketJoins} WHERE t.tenant_id = $1 AND t.id = $2${lock ? ' FOR NO KEY UPDATE OF t' : ''}`,
    values: [tenantId, ticketId],
  });
  const [row] = rows;
  if (!row) throw noSuchTicket();
  return toTicket(row);
};

export interface HistoryRow {
  readonly event: TicketEvent;
  readonly byName: string;
}

/** The lines of a history in order, personal fields sealed. */
export const loadEvents = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly ticketId: string },
): Promise<TicketEvent[]> => (await loadHistory(tx, of)).map(({ event }) => event);

/** The whole history in order, personal fields sealed. */
export const loadHistory = async (
  tx: Tx,
  { tenantId, ticketId }: { readonly tenantId: string; readonly ticketId: string },
): Promise<HistoryRow[]> => {
  const { rows } = await tx.$client.query<{
    seq: number;
    at: Date;
    by: string;
    by_name: string;
    on_behalf_of: string | null;
    type: string;
    data: Record<string, unknown>;
    opinion: string | null;
  }>({
    name: 'load_history',
    text: `SELECT seq, at, by, by_name, on_behalf_of, type, data, opinion FROM ticket_history
     WHERE tenant_id = $1 AND ticket_id = $2 ORDER BY seq`,
    values: [tenantId, ticketId],
  });
  return rows.map((row) => ({
    byName: row.by_name,
    event: {
      ...row.data,
      ...{ type: row.type, seq: row.seq, at: row.at.getTime(), by: row.by },
      ...(row.on_behalf_of === null ? {} : { onBehalfOf: row.on_behalf_of }),
      ...(row.opinion === null ? {} : { opinion: row.opinion }),
    } as TicketEvent,
  }));
};
