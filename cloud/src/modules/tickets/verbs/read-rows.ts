import type { TicketRow, TicketSource, TicketState } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { PartyBook } from '../../offices/party-book.js';
import { readSoundKind } from '../../ticket-kinds/kind-book.js';
import type { LiveTask } from '../ticket-record.js';
import { rowView } from '../view/row-view.js';

export interface ListedRow {
  readonly key: string;
  readonly row: TicketRow;
}

interface Row {
  id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  status: TicketState['status'];
  outcome: TicketState['outcome'] | null;
  state_id: string;
  step: string;
  level: string | null;
  source: TicketSource;
  hall_id: string | null;
  hall_name: string | null;
  live_tasks: LiveTask[];
  seq: number;
  made_at: Date;
  made_by: string;
  made_by_name: string;
  ended_at: Date | null;
  due_at: Date | null;
  yellow_at: Date | null;
  red_at: Date | null;
  promised: boolean;
  supervised: boolean;
  reminded: number;
  returned: number;
  reopened: number;
}

/** Rows of these tickets, in no order, as the reader sees them. Whether they may was asked before. */
export const readRows = async (
  tx: Tx,
  ids: readonly string[],
  reader: {
    readonly tenantId: string;
    readonly book: PartyBook;
    readonly mine: readonly string[];
    readonly now: number;
  },
): Promise<TicketRow[]> => {
  if (ids.length === 0) return [];
  const { rows } = await tx.$client.query<Row>(
    `SELECT t.id, t.number, t.title, t.kind, t.kind_version, t.status, t.outcome, t.state_id, t.step, t.level, t.source, t.hall_id,
       h.name AS hall_name, t.live_tasks, t.seq, t.made_at, t.made_by, t.made_by_name, t.ended_at, t.due_at, t.yellow_at, t.red_at,
       t.promised, t.supervised, t.reminded, t.returned, t.reopened
     FROM tickets t LEFT JOIN halls h ON h.tenant_id = t.tenant_id AND h.id = t.hall_id WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])`,
    [reader.tenantId, ids],
  );
  const mine = new Set(reader.mine);
  const shown: TicketRow[] = [];
  for (const row of rows) {
    const published = await readSoundKind(tx, reader.tenantId, row.kind, row.kind_version);
    if (!published) continue;
    const state = {
      ...{ stateId: row.state_id, step: row.step, status: row.status, outcome: row.outcome ?? undefined },
      ...{ level: row.level, source: row.source, madeAt: row.made_at.getTime(), madeBy: row.made_by, seq: row.seq },
      ...{ endedAt: row.ended_at?.getTime(), supervised: row.supervised, reminded: row.reminded },
      ...{ returned: row.returned, reopened: row.reopened },
    };
    const source = {
      ...{ id: row.id, number: row.number, title: row.title, kind: published.kind, kindVersion: row.kind_version },
      ...{ state, liveTasks: row.live_tasks, madeByName: row.made_by_name },
      hall: row.hall_id === null ? null : { id: row.hall_id, name: row.hall_name ?? '' },
      ...{ dueAt: row.due_at?.getTime() ?? null, yellowAt: row.yellow_at?.getTime() ?? null },
      ...{ redAt: row.red_at?.getTime() ?? null, promised: row.promised },
    };
    shown.push(rowView(source, { book: reader.book, mine, now: reader.now }));
  }
  return shown;
};
