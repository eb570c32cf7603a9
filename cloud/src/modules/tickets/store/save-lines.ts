import {
  applyEvent,
  liveTasks,
  type NewLine,
  nothing,
  type Task,
  type TicketEvent,
  type TicketKind,
  type TicketSource,
  type TicketState,
} from '@hallhub/shared/ticket';
import { afterCommit, type Tx, together } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { ticketDeps } from '../ticket-deps.js';
import type { LiveTask } from '../ticket-record.js';
import { clockRowsOf, lightsOf, pointsOf, runsOf, saveClockRows, type TicketLights } from './clock-rows.js';
import { type LoadedTicket, loadEvents } from './load-ticket.js';
import { personOf, saveDoers } from './save-doers.js';
import { saveWords } from './save-words.js';
import { FieldSealer, requesterHash } from './seal-fields.js';
import type { TicketWorld } from './ticket-world.js';
import { wordsOf } from './words-of.js';

/** The platform itself, in records. */
export const systemName = '系统';

/** A ticket's row before its first lines. */
export interface NewTicket {
  readonly id: string;
  readonly number: string;
  readonly source: TicketSource;
  readonly hallId: string | null;
  readonly regionId: string | null;
  readonly hallName: string | null;
  readonly timeZone: string | null;
  readonly deviceId: string | null;
  readonly alarmId: string | null;
  readonly parentId: string | null;
  readonly origin: { readonly system: string; readonly key: string } | null;
}

export interface SaveLines {
  readonly world: TicketWorld;
  /** The locked row; or what there is before it. */
  readonly ticket: LoadedTicket | NewTicket;
  /** Fields open; undefined: it is made just now. */
  readonly before: TicketState | undefined;
  readonly kindVersion: number;
  readonly lines: readonly NewLine[];
  /** Its history so far, where it was read with the ticket. */
  readonly told?: readonly TicketEvent[] | undefined;
  /** Name of whoever acts, for the record. */
  readonly byName: string;
  /** Where it is kept for another than the actor. */
  readonly by?: string;
}

export interface SavedLines {
  readonly ticket: LoadedTicket;
  readonly before: TicketState | undefined;
  readonly after: TicketState;
  readonly events: readonly TicketEvent[];
}

const isKept = (ticket: LoadedTicket | NewTicket): ticket is LoadedTicket => 'sealed' in ticket;
const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

const sealLine = (event: TicketEvent, sealer: FieldSealer): TicketEvent =>
  event.type === 'made' || event.type === 'edited' ? { ...event, fields: sealer.seal(event.fields) } : event;

/** Writes all that lines of history make of a ticket: history, state, tasks, clocks, whose it is; then tells whoever listens. */
export const saveLines = async (tx: Tx, ctx: VerbContext, save: SaveLines): Promise<SavedLines> => {
  const { world, ticket, before } = save;
  const { tenantId } = ctx.actor;
  const { sealing, hooks } = ticketDeps(ctx.db);
  const sealer = new FieldSealer(sealing, ticket.id, world.kind);
  const { at } = world;
  const by = save.by ?? world.actor.userId;
  const firstSeq = (before?.seq ?? 0) + 1;
  const events = save.lines.map((line, i) => ({ ...line, seq: firstSeq + i, at, by: line.by ?? by }) as TicketEvent);
  const sealedEvents = events.map((event) => sealLine(event, sealer));
  const after = events.reduce(applyEvent, before ?? nothing);
  const sealed = sealedEvents.reduce(applyEvent, isKept(ticket) ? ticket.sealed : nothing);

  const told = save.told ?? (isKept(ticket) ? await loadEvents(tx, { tenantId, ticketId: ticket.id }) : []);
  const runs = runsOf(world, [...told, ...sealedEvents], after);
  const lights = lightsOf(runs, after);
  const facts = rowFacts(world.kind, { after, number: ticket.number });
  const requester = requesterHash(sealing, { tenantId, kind: world.kind, fields: after.fields });
  const points = runs.flatMap((run) => pointsOf(run, world));
  const of = { tenantId, ticketId: ticket.id };
  const saved: LoadedTicket = {
    ...(isKept(ticket) ? ticket : { ...ticket, madeByName: save.byName }),
    ...{ tenantId, kind: world.kind.code, kindVersion: save.kindVersion, title: facts.title, place: facts.place },
    ...{ requester, sealed, seq: sealed.seq, hallCode: world.place.hallCode, regionCode: world.place.regionCode },
    ...lights,
  };
  const lines = { ticket: saved, kind: world.kind, before, after, events, book: world.book };
  // Sent together, done in this order: whoever waits for the ticket waits for one answer.
  await together([
    saveTicket(tx, { tenantId, save, sealed, lights, facts, requester }),
    haveWordsChanged(save, facts.words) && saveWords(tx, { ...of, madeAt: after.madeAt, words: facts.words }),
    saveHistory(tx, { ...of, events: sealedEvents, save }),
    saveTasks(tx, { ...of, before, after, lights }),
    saveClockRows(tx, tenantId, [clockRowsOf(ticket.id, runs, points)]),
    saveDoers(tx, { ...of, events, before, after }),
    ...hooks.map((hook) => hook.onLines?.(tx, ctx, lines)),
  ]);
  afterCommit(tx, () =>
    ctx.live.publish({
      ...{ tenantId, hallId: saved.hallId, topic: 'tickets', type: 'ticket.changed' },
      data: { ticketId: saved.id, seq: saved.seq },
    }),
  );
  return { ticket: saved, before, after, events };
};

/** Most acts change none: what they are found by is then left as it is. */
const haveWordsChanged = ({ ticket, before, world, kindVersion }: SaveLines, words: readonly string[]): boolean => {
  if (before === undefined || !isKept(ticket) || ticket.kindVersion !== kindVersion) return true;
  return wordsOf(ticket.number, world.kind, before.fields).join() !== words.join();
};

interface RowFacts {
  readonly title: string;
  readonly place: LoadedTicket['place'];
  readonly words: readonly string[];
}

/** What lists show and find of the fields; nothing personal is ever among it. */
export const rowFacts = (
  kind: TicketKind,
  { after, number }: { readonly after: TicketState; readonly number: string },
): RowFacts => {
  const titleField = kind.fields.find(({ key }) => key === kind.title);
  const title = titleField && !titleField.personal ? after.fields[titleField.key] : undefined;
  const placeField = kind.fields.find(({ type, personal, key }) => type === 'place' && !personal && after.fields[key]);
  const place = placeField && (after.fields[placeField.key] as { text: string; lon?: number; lat?: number });
  return {
    title: typeof title === 'string' && title.trim() !== '' ? title.slice(0, 300) : kind.label.zh,
    place: place ? { text: place.text, lon: place.lon ?? null, lat: place.lat ?? null } : null,
    words: wordsOf(number, kind, after.fields),
  };
};

const liveTaskOf = ({ id, purpose, state, party, heldBy }: Task): LiveTask => ({
  ...{ id, purpose, state: state as LiveTask['state'], party },
  ...(heldBy === undefined ? {} : { heldBy }),
});

const saveTicket = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly save: SaveLines;
    readonly sealed: TicketState;
    readonly lights: TicketLights;
    readonly facts: RowFacts;
    readonly requester: Buffer | null;
  },
): Promise<void> => {
  const { save, sealed, lights, facts } = of;
  const { ticket, world } = save;
  const phase = world.kind.states.find(({ id }) => id === sealed.stateId)?.phase ?? 'open';
  const changing: Readonly<Record<string, unknown>> = {
    ...{ title: facts.title, kind_version: save.kindVersion, status: sealed.status, outcome: sealed.outcome ?? null },
    ...{ phase, state_id: sealed.stateId, step: sealed.step, level: sealed.level },
    ...{ place_text: facts.place?.text ?? null, lon: facts.place?.lon ?? null, lat: facts.place?.lat ?? null },
    ...{ merged_into: sealed.mergedInto ?? null, requester: of.requester, state: JSON.stringify(sealed) },
    ...{ live_tasks: JSON.stringify(liveTasks(sealed).map(liveTaskOf)), seq: sealed.seq, acted_at: iso(world.at) },
    ...{ ended_at: iso(sealed.endedAt), due_at: iso(lights.dueAt), yellow_at: iso(lights.yellowAt) },
    ...{
      red_at: iso(lights.redAt),
      promised: lights.promised,
      clock_stamp: world.stamp,
      supervised: sealed.supervised,
    },
    ...{ reminded: sealed.reminded, returned: sealed.returned, reopened: sealed.reopened },
  };
  const kept: Readonly<Record<string, unknown>> = isKept(ticket)
    ? {}
    : {
        ...{ number: ticket.number, kind: world.kind.code, source: ticket.source, hall_id: ticket.hallId },
        ...{ region_id: ticket.regionId, device_id: ticket.deviceId, alarm_id: ticket.alarmId },
        ...{ parent_id: ticket.parentId, origin_system: ticket.origin?.system ?? null },
        ...{ origin_key: ticket.origin?.key ?? null, made_at: iso(sealed.madeAt), made_by: sealed.madeBy },
        made_by_name: save.byName,
      };
  const row = { ...kept, ...changing };
  const columns = Object.keys(row);
  const text = isKept(ticket)
    ? `UPDATE tickets SET ${columns.map((column, i) => `${column} = $${i + 3}`).join(', ')} WHERE tenant_id = $1 AND id = $2`
    : `INSERT INTO tickets (tenant_id, id, ${columns.join(', ')}) VALUES ($1, $2, ${columns.map((_, i) => `$${i + 3}`).join(', ')})`;
  await tx.$client.query(text, [of.tenantId, ticket.id, ...Object.values(row)]);
};

const saveHistory = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly ticketId: string;
    readonly events: readonly TicketEvent[];
    readonly save: Pick<SaveLines, 'lines' | 'byName'>;
  },
): Promise<void> => {
  const { lines, byName } = of.save;
  const rows = of.events.map(({ seq, at, by, type, onBehalfOf, opinion, ...data }, i) => ({
    ...{ seq, at: iso(at), by, type, data },
    ...{ on_behalf_of: onBehalfOf ?? null, opinion: opinion ?? null },
    // What a rule does of itself stands beside what somebody did.
    by_name: lines[i]?.by === 'system' ? systemName : byName,
  }));
  await tx.$client.query(
    `INSERT INTO ticket_history (tenant_id, ticket_id, by_name, seq, at, by, on_behalf_of, type, data, opinion)
     SELECT $1, $2, x.* FROM jsonb_to_recordset($3::jsonb)
       AS x(by_name text, seq int, at timestamptz, by text, on_behalf_of text, type text, data jsonb, opinion text)`,
    [of.tenantId, of.ticketId, JSON.stringify(rows)],
  );
};

const saveTasks = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly ticketId: string;
    readonly before: TicketState | undefined;
    readonly after: TicketState;
    readonly lights: TicketLights;
  },
): Promise<void> => {
  const known = new Map(of.before?.tasks.map((task) => [task.id, task]));
  const changed = of.after.tasks.filter((task) => JSON.stringify(known.get(task.id)) !== JSON.stringify(task));
  const sortDue = iso(of.lights.dueAt) ?? 'infinity';
  const saving = tx.$client.query(
    `INSERT INTO ticket_tasks (tenant_id, ticket_id, sort_due, made_at, id, purpose, step, visit, party_kind, party_id, held_by, state, lead,
       unplaced, lent_by, action, began_at, ended_at)
     SELECT $1, $2, $3::timestamptz, $4::timestamptz, x.* FROM jsonb_to_recordset($5::jsonb) AS x(id uuid, purpose text, step text, visit int,
       party_kind text, party_id uuid, held_by uuid, state text, lead boolean, unplaced boolean, lent_by uuid, action text,
       began_at timestamptz, ended_at timestamptz)
     ON CONFLICT (tenant_id, id) DO UPDATE SET step = excluded.step, held_by = excluded.held_by, state = excluded.state,
       action = excluded.action, ended_at = excluded.ended_at`,
    [
      ...[of.tenantId, of.ticketId, sortDue, iso(of.after.madeAt)],
      JSON.stringify(
        changed.map((task) => ({
          ...{ id: task.id, purpose: task.purpose, step: task.step, visit: task.visit, party_kind: task.party.kind },
          ...{ party_id: task.party.id, held_by: personOf(task.heldBy), state: task.state, lead: task.lead },
          ...{ unplaced: task.unplaced ?? false, lent_by: task.lentBy ?? null, action: task.action ?? null },
          ...{ began_at: iso(task.beganAt), ended_at: iso(task.endedAt) },
        })),
      ),
    ],
  );
  await together([saving, saveToDo(tx, of)]);
};

/** Tasks that are still to do are sorted by when their ticket is due, narrowed by its light, and counted by whether it has others. */
const saveToDo = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly ticketId: string;
    readonly lights: TicketLights;
    readonly after: TicketState;
  },
): Promise<void> => {
  const { dueAt, yellowAt, redAt } = of.lights;
  await tx.$client.query(
    `UPDATE ticket_tasks SET sort_due = $3::timestamptz, yellow_at = $4::timestamptz, red_at = $5::timestamptz, is_shared = $6
     WHERE tenant_id = $1 AND ticket_id = $2 AND state IN ('open', 'signed')
       AND (sort_due, yellow_at, red_at, is_shared) IS DISTINCT FROM ($3::timestamptz, $4::timestamptz, $5::timestamptz, $6::boolean)`,
    [
      ...[of.tenantId, of.ticketId, iso(dueAt) ?? 'infinity', iso(yellowAt), iso(redAt)],
      liveTasks(of.after).length > 1,
    ],
  );
};
