import { uuidPattern } from '@hallhub/shared';
import type { PartyView, Task, TicketField, TicketPage } from '@hallhub/shared/ticket';
import { offersOf } from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { labelsOf } from '../../categories/category-book.js';
import { beginSystem, familySql } from '../begin/begun-from.js';
import type { OpenTicket } from '../store/change-ticket.js';
import { runsOf } from '../store/clock-rows.js';
import { loadHistory } from '../store/load-ticket.js';
import { maskValue } from '../store/seal-fields.js';
import { partiesOf, scopeOf } from '../store/ticket-world.js';
import { readBegins } from './begin-view.js';
import { clockView } from './clock-view.js';
import { readFiles } from './file-view.js';
import { hiddenIn } from './hidden-fields.js';
import { readLinks } from './link-view.js';
import { labelled, partyView, rowSourceOf, rowView } from './row-view.js';

const iso = (ms: number): string => new Date(ms).toISOString();
const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';

/** A ticket as its page shows it to this reader. Of an open ticket; `forbidden` and `not_found` were said before. */
export const pageView = async (tx: Tx, ctx: VerbContext, open: OpenTicket): Promise<TicketPage> => {
  const { ticket, state, world } = open;
  const { kind, book, at: now } = world;
  const { fields, masked } = shownFields(ctx, open);
  // None of these asks for another.
  const [history, names, links, begins, files, things, repeats] = await together([
    loadHistory(tx, { tenantId: ticket.tenantId, ticketId: ticket.id }),
    ...[namesOf(tx, open, fields), readLinks(tx, ctx, open), readBegins(tx, ctx, open)],
    ...[readFiles(tx, ctx, open), readThings(tx, open), countRepeats(tx, open)],
  ] as const);
  const runs = runsOf(
    world,
    history.map(({ event }) => event),
    state,
  );
  const mine = new Set(partiesOf(book, ctx.actor.userId, now));
  return {
    ...rowView(rowSourceOf(ticket, kind), { book, mine, now }),
    document: kind,
    ...{ fields, masked, names },
    marks: Object.fromEntries(Object.entries(state.marks).map(([mark, at]) => [mark, iso(at)])),
    tasks: state.tasks.map((task) => ({
      ...{ id: task.id, purpose: task.purpose, step: labelled(kind.steps, task.step), visit: task.visit },
      ...{ party: partyView(book, task.party), lead: task.lead, state: task.state, unplaced: task.unplaced ?? false },
      heldBy: heldByView(book, task.heldBy),
      handedTo: handedTo(book, task, state.tasks),
      beganAt: iso(task.beganAt),
      endedAt: task.endedAt === undefined ? null : iso(task.endedAt),
      action: actionLabel(open, task.step, task.action),
    })),
    clocks: runs.map(clockView),
    offers: ctx.actor.canAnywhere('ticket.act') ? offersOf(world.context, state) : [],
    ...{ links, ...begins, files, ...things, repeats },
    place: ticket.place,
  };
};

/** What another task of the same visit went on with at the very moment it went. */
const handedTo = (
  book: OpenTicket['world']['book'],
  { id, state, ...task }: Task,
  tasks: readonly Task[],
): PartyView | null => {
  const next = tasks.find(
    (one) =>
      state === 'gone' &&
      one.id !== id &&
      one.step === task.step &&
      one.visit === task.visit &&
      one.purpose === task.purpose &&
      one.beganAt === task.endedAt,
  );
  const person = next && heldByView(book, next.heldBy);
  if (person) return { kind: 'person', ...person };
  return next ? partyView(book, next.party) : null;
};

/** A program has no name: what it took stays its office’s. */
const heldByView = (book: OpenTicket['world']['book'], id: string | undefined) => {
  const name = id === undefined ? '' : book.personName(id);
  return id === undefined || name === '' ? null : { id, name };
};

const actionLabel = ({ world }: OpenTicket, step: string, action: string | undefined) =>
  world.kind.steps.find(({ id }) => id === step)?.actions.find(({ id }) => id === action)?.label ?? null;

/** Hidden ones left out, personal ones masked unless the reader has the right to them there. */
export const shownFields = (
  ctx: VerbContext,
  { state, world, ticket }: OpenTicket,
): Pick<TicketPage, 'fields' | 'masked'> => {
  const mayRead = ctx.actor.can('ticket.personal', scopeOf(ticket));
  const hidden = new Set(hiddenIn(state, world.kind.steps));
  const masked: string[] = [];
  const fields: Record<string, unknown> = {};
  for (const field of world.kind.fields) {
    const value = state.fields[field.key];
    if (hidden.has(field.key) || isEmpty(value)) continue;
    const isMasked = field.personal && !mayRead;
    if (isMasked) masked.push(field.key);
    fields[field.key] = isMasked ? maskValue(field, value) : value;
  }
  return { fields: fields as TicketPage['fields'], masked };
};

/** What ids in fields mean, by the id; categories by `tree/code`. */
const namesOf = async (
  tx: Tx,
  { world, ticket }: OpenTicket,
  fields: Readonly<Record<string, unknown>>,
): Promise<Record<string, string>> => {
  const names: Record<string, string> = {};
  const idsOf = (type: TicketField['type']): string[] =>
    world.kind.fields.flatMap((field) => {
      const value = field.type === type ? fields[field.key] : undefined;
      return typeof value === 'string' && uuidPattern.test(value) ? [value] : [];
    });
  for (const id of idsOf('person')) names[id] = world.book.personName(id);
  for (const id of idsOf('office')) names[id] = world.book.nameOf({ kind: 'office', id });
  const halls = idsOf('hall');
  const devices = idsOf('device');
  if (halls.length + devices.length > 0) {
    const { rows } = await tx.$client.query<{ id: string; name: string }>(
      `SELECT id, name FROM halls WHERE tenant_id = $1 AND id = ANY($2::uuid[])
       UNION ALL SELECT id, coalesce(name, model || ' ' || serial) FROM devices WHERE tenant_id = $1 AND id = ANY($3::uuid[])`,
      [ticket.tenantId, halls, devices],
    );
    for (const { id, name } of rows) names[id] = name;
  }
  for (const field of world.kind.fields) {
    const path = field.type === 'category' ? fields[field.key] : undefined;
    if (field.type !== 'category' || !Array.isArray(path)) continue;
    const labels = await labelsOf(tx, ticket.tenantId, field.tree);
    for (const code of path) names[`${field.tree}/${code}`] = labels.get(String(code))?.zh ?? String(code);
  }
  return names;
};

const readThings = async (tx: Tx, { ticket }: OpenTicket): Promise<Pick<TicketPage, 'device' | 'alarm'>> => {
  const { deviceId, alarmId, tenantId } = ticket;
  if (deviceId === null && alarmId === null) return { device: null, alarm: null };
  const { rows } = await tx.$client.query<{
    name: string | null;
    alarm: { zh: string; en?: string } | null;
    acknowledged_at: Date | null;
    cleared_at: Date | null;
  }>(
    `SELECT (SELECT coalesce(name, model || ' ' || serial) FROM devices WHERE tenant_id = $1 AND id = $2) AS name,
       a.message AS alarm, a.acknowledged_at, a.cleared_at
     FROM (SELECT 1) one LEFT JOIN alarms a ON a.tenant_id = $1 AND a.id = $3`,
    [tenantId, deviceId, alarmId],
  );
  const [row] = rows;
  const state = row?.cleared_at ? 'cleared' : row?.acknowledged_at ? 'acknowledged' : 'open';
  return {
    device: deviceId === null ? null : { id: deviceId, name: row?.name ?? '' },
    alarm: alarmId === null || !row?.alarm ? null : { id: alarmId, state, message: row.alarm },
  };
};

const dayMs = 86_400_000;

const countRepeats = async (tx: Tx, { ticket, world, state }: OpenTicket): Promise<number> => {
  if (ticket.requester === null) return 0;
  const within = world.kind.duplicatesWithinDays * dayMs;
  const { rows } = await tx.$client.query<{ count: number }>(
    // What a rule made of a request is no other request.
    `SELECT count(*)::int AS count FROM tickets WHERE tenant_id = $1 AND requester = $2 AND id <> $3 AND made_at BETWEEN $4 AND $5
       AND origin_system IS DISTINCT FROM '${beginSystem}' AND id NOT IN (${familySql('$3::uuid')})`,
    [ticket.tenantId, ticket.requester, ticket.id, new Date(state.madeAt - within), new Date(state.madeAt + within)],
  );
  return rows[0]?.count ?? 0;
};
