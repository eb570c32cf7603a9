import type { TicketKind } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import { withinRight } from '../tickets/verbs/ticket-where.js';
import { plainFields } from '../tickets/view/plain-fields.js';
import type { IncidentRow } from './contract.js';

export const mostRows = 2_000;

interface Row {
  id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  hall_name: string | null;
  level: string | null;
  state_id: string;
  step: string;
  outcome: IncidentRow['outcome'];
  made_at: string;
  ended_at: string | null;
  fields: Record<string, unknown>;
  marks: Record<string, number>;
  clocks:
    | {
        clock: string;
        purpose: string;
        began: number;
        ended: number | null;
        promised: number;
        used: number;
        red: boolean;
      }[]
    | null;
}

export interface Asked {
  readonly kind: string;
  readonly from: Date;
  readonly to: Date;
  readonly hallId?: string | undefined;
  readonly level?: string | undefined;
  readonly right: 'ticket.read' | 'ticket.export';
}

/** Made in a time, newest first, in halls within reach of the right; merged ones are part of others. One more than shown tells that there are more. */
export const readIncidents = async (tx: Tx, ctx: VerbContext, asked: Asked): Promise<IncidentRow[]> => {
  const { tenantId } = ctx.actor;
  const now = new Date(ctx.clock.now());
  const { rows } = (await tx.execute(sql`
    SELECT t.id, t.number, t.title, t.kind, t.kind_version, h.name AS hall_name, t.level, t.state_id, t.step, t.outcome, t.made_at, t.ended_at,
      t.state -> 'fields' AS fields, t.state -> 'marks' AS marks, c.clocks
    FROM tickets t LEFT JOIN halls h ON h.tenant_id = t.tenant_id AND h.id = t.hall_id
      LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('clock', k.clock, 'purpose', k.purpose, 'began', extract(epoch FROM k.began_at) * 1000,
        'ended', extract(epoch FROM k.ended_at) * 1000, 'promised', k.promised_ms + k.extended_ms, 'used', k.used_ms,
        'red', coalesce(k.is_broken OR (k.red_at IS NOT NULL AND k.red_at <= coalesce(k.ended_at, ${now})), false)) ORDER BY k.began_at, k.clock) AS clocks
        FROM ticket_clocks k WHERE k.tenant_id = t.tenant_id AND k.ticket_id = t.id) c ON true
    WHERE t.tenant_id = ${tenantId} AND t.kind = ${asked.kind} AND t.made_at >= ${asked.from} AND t.made_at < ${asked.to}
      AND coalesce(t.outcome, '') <> 'merged' AND ${withinRight(ctx.actor, asked.right) ?? sql`true`}
      AND ${asked.hallId ? sql`t.hall_id = ${asked.hallId}` : sql`true`} AND ${asked.level ? sql`t.level = ${asked.level}` : sql`true`}
    ORDER BY t.made_at DESC, t.id DESC LIMIT ${mostRows + 1}`)) as unknown as { rows: Row[] };
  const found: IncidentRow[] = [];
  for (const row of rows) {
    const published = await readKind(tx, tenantId, row.kind, row.kind_version);
    if (published) found.push(toIncident(row, published.kind));
  }
  return found;
};

const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

const toIncident = (row: Row, kind: TicketKind): IncidentRow => {
  const { number, text, choice } = plainFields(row, kind);
  const madeMs = new Date(row.made_at).getTime();
  const since = (at: number | null | undefined): number | null =>
    at == null ? null : Math.max(0, Math.round(at - madeMs));
  const runs = row.clocks ?? [];
  const answered = runs.find(({ purpose }) => purpose === 'response')?.ended ?? null;
  const said = text('restoredAtTime');
  // What people say of when it was restored is nearer the truth than when they said so.
  const restored = said === null ? (row.marks.solved ?? null) : new Date(said).getTime();
  const clocks = kind.clocks.flatMap(({ id, label }) => {
    const mine = runs.filter(({ clock, promised }) => clock === id && promised > 0);
    const worst = mine.find(({ red }) => red) ?? mine.at(-1);
    if (!worst) return [];
    const met = worst.red ? false : worst.ended === null ? null : true;
    return { clock: id, label, promisedMs: Math.round(worst.promised), usedMs: Math.round(worst.used), met };
  });
  const level = kind.levels.find(({ id }) => id === row.level);
  return {
    ...{ ticketId: row.id, number: row.number, title: row.title, hallName: row.hall_name },
    level: level ? { id: level.id, label: level.label } : null,
    ...{ contract: choice('contract'), nature: choice('nature') },
    state: kind.states.find(({ id }) => id === row.state_id)?.label ?? { zh: row.state_id },
    ...{ outcome: row.outcome, madeAt: new Date(row.made_at).toISOString() },
    ...{ answeredAt: iso(answered), arrivedAt: iso(row.marks.arrived), restoredAt: iso(restored) },
    endedAt: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
    ...{ answerMs: since(answered), arriveMs: since(row.marks.arrived), restoreMs: since(restored) },
    ...{ scope: text('scope'), people: number('people') },
    handling: text('result') ?? text('contained'),
    ...{ cause: text('cause'), prevention: text('prevention'), clocks },
    breaches: clocks.filter(({ met }) => met === false).length,
  };
};
