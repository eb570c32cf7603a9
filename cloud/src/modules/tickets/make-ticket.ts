import { HubError, uuidPattern, uuidv7 } from '@hallhub/shared';
import {
  decideMade,
  type MakeTicket,
  type NewLine,
  nothing,
  offersOf,
  type TicketKind,
  type TicketRow,
  type TicketSource,
} from '@hallhub/shared/ticket';
import { storableJson, storableText, type Tx, together } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import { PartyBook } from '../offices/party-book.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import { beginTickets } from './begin/begin-tickets.js';
import { isDecided, kindOf, nameOfActor, openTicket, refused } from './store/change-ticket.js';
import { claimFiles } from './store/claim-files.js';
import { giveNumber } from './store/give-number.js';
import { loadTicket } from './store/load-ticket.js';
import { type NewTicket, saveLines } from './store/save-lines.js';
import { maskName } from './store/seal-fields.js';
import { tellParent } from './store/tell-others.js';
import { checkSize, mostOpenChildren, tooOften } from './store/ticket-bounds.js';
import { partiesOf, TicketWorld, worldSources } from './store/ticket-world.js';
import { rowSourceOf, rowView } from './view/row-view.js';

export interface MakeTicketInput extends MakeTicket {
  readonly source: TicketSource;
  /** Where it was born: the same origin gives the same ticket, however often it is told. */
  readonly origin?: { readonly system: string; readonly key: string };
  /** Whoever asked from outside; stands masked in lists and history. */
  readonly requesterName?: string;
  readonly alarmId?: string;
  /** Of the ticket's place, where no hall is known. */
  readonly regionId?: string | null;
  /** The ticket whose rule begins this one: it knows already, and asked nobody’s leave. */
  readonly begunBy?: string;
  /** Split off one of its own kind: there, the kind gives the leave by its action, whoever may make such tickets. */
  readonly partOf?: { readonly hallId: string | null };
}

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const originLock = 4_720;

/**
 * Makes a ticket in the caller's transaction. Errors: `not_found` (kind, hall, device, parent), `forbidden`, `conflict` with
 * `context.refusal`. Live events wait for the commit by themselves.
 */
export const makeTicket = async (tx: Tx, ctx: VerbContext, input: MakeTicketInput): Promise<TicketRow> => {
  const { tenantId } = ctx.actor;
  const known = input.origin && (await findByOrigin(tx, tenantId, input.origin));
  if (known !== undefined) return rowOf(tx, ctx, known);
  const [published, sources] = await together([readKind(tx, tenantId, input.kind), worldSources(tx, tenantId)]);
  if (!published) throw missing('kind', 'There is no such kind of ticket, or none is published');
  const { kind, version } = published;
  const fields = storableJson(input.fields);
  checkSize(nothing, fields);
  if (isByHand(ctx, input)) checkFirstFields(kind, fields);
  const place = await findPlace(tx, ctx, { ...input, fields }, kind);
  if (input.partOf?.hallId !== place.hallId) requireMaking(ctx, place.hallId);
  const { begunBy } = input;
  if (input.parentId !== null && begunBy === undefined) await checkParent(tx, ctx, input.parentId);
  const world = await TicketWorld.load(tx, ctx, { kind, place: { ...place, place: null }, state: undefined, sources });
  const decided = decideMade(world.context, nothing, {
    ...{ kindVersion: version, fields, level: input.level, source: input.source },
  });
  if (!isDecided(decided)) throw refused(decided);
  const zone = place.timeZone ?? world.calendars('always').calendar.zone;
  const byName = input.requesterName ? maskName(storableText(input.requesterName)) : nameOfActor(ctx, world);
  const ticket: NewTicket = {
    ...{ id: uuidv7(), source: input.source, ...place, parentId: input.parentId, alarmId: input.alarmId ?? null },
    origin: input.origin ?? null,
    // Last of all: from here on whoever else makes one of this kind waits.
    number: await giveNumber(tx, { tenantId, numbering: kind.numbering, at: world.at, zone }),
  };
  const from: NewLine[] = begunBy === undefined ? [] : [{ type: 'begun_by', ticket: begunBy, by: 'system' }];
  const saved = await saveLines(tx, ctx, {
    ...{ world, ticket, before: undefined, kindVersion: version, byName },
    lines: [...decided.lines.slice(0, 1), ...from, ...decided.lines.slice(1)],
  });
  await claimFiles(tx, ctx, { ticketId: ticket.id, kind, fields, reach: { open: null, closed: [] } });
  const parentId = begunBy === undefined ? ticket.parentId : null;
  await tellParent(tx, ctx, { ticketId: ticket.id, parentId, before: undefined, after: saved.after });
  await audit(tx, ctx, {
    action: 'ticket.made',
    target: { kind: 'ticket', id: ticket.id, name: ticket.number },
    hallId: ticket.hallId,
    after: {
      kind: kind.code,
      version,
      source: input.source,
      parentId: input.parentId,
      ...(begunBy ? { begunBy } : {}),
    },
  });
  const last = await beginTickets(tx, ctx, { saved, make: makeTicket });
  const mine = new Set(partiesOf(world.book, ctx.actor.userId, world.at));
  return rowView(rowSourceOf(last.ticket, kind), { book: world.book, mine, now: world.at });
};

const missing = (path: string, message: string): HubError =>
  new HubError('not_found', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** Somebody at the console or a program of theirs; other sources map what other systems have said already. */
const isByHand = ({ actor }: VerbContext, { source }: MakeTicketInput): boolean =>
  actor.kind !== 'system' && (['console', 'hotline', 'api', 'ticket'] as TicketSource[]).includes(source);

/** What later steps are there to write, nobody writes beforehand: a result, how content the requester is. */
const checkFirstFields = (kind: TicketKind, fields: MakeTicketInput['fields']): void => {
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  const later = new Set(kind.steps.flatMap((step) => step.fields.edit));
  const early = Object.keys(fields).filter((key) => key !== kind.title && later.has(key) && !first.has(key));
  if (early.length > 0) throw refused({ ok: false, code: 'fields_not_editable', context: { fields: early } });
};

const requireMaking = ({ actor }: VerbContext, hallId: string | null): void => {
  if (hallId !== null) actor.require('ticket.make', { hallId });
  else if (!actor.canAnywhere('ticket.make')) actor.require('ticket.make', 'tenant');
};

const findByOrigin = async (
  tx: Tx,
  tenantId: string,
  { system, key }: NonNullable<MakeTicketInput['origin']>,
): Promise<string | undefined> => {
  // Two that tell the same at the same moment: the second waits, and finds what the first has made.
  await tx.$client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
    originLock,
    `${tenantId}/${system}/${key}`,
  ]);
  const { rows } = await tx.$client.query<{ id: string }>(
    'SELECT id FROM tickets WHERE tenant_id = $1 AND origin_system = $2 AND origin_key = $3',
    [tenantId, system, key],
  );
  return rows[0]?.id;
};

const rowOf = async (tx: Tx, ctx: VerbContext, ticketId: string): Promise<TicketRow> => {
  const ticket = await loadTicket(tx, { tenantId: ctx.actor.tenantId, ticketId });
  const { kind } = await kindOf(tx, ticket);
  const now = ctx.clock.now();
  const book = await PartyBook.load(tx, ctx.actor.tenantId, now, { asksForSkills: false });
  return rowView(rowSourceOf(ticket, kind), { book, mine: new Set(partiesOf(book, ctx.actor.userId, now)), now });
};

interface FoundPlace {
  readonly hallId: string | null;
  readonly regionId: string | null;
  readonly hallName: string | null;
  readonly hallCode: string | null;
  readonly regionCode: string | null;
  readonly timeZone: string | null;
  readonly deviceId: string | null;
}

const nowhere: FoundPlace = {
  ...{ hallId: null, regionId: null, hallName: null, hallCode: null, regionCode: null, timeZone: null, deviceId: null },
};

/** The hall said, of the device, or that a field holds. */
const findPlace = async (
  tx: Tx,
  { actor: { tenantId } }: VerbContext,
  input: Pick<MakeTicketInput, 'hallId' | 'deviceId' | 'regionId' | 'fields'>,
  kind: TicketKind,
): Promise<FoundPlace> => {
  const fieldOf = (type: 'hall' | 'device'): string | null => {
    const field = kind.fields.find((one) => one.type === type && !one.personal);
    const value = field && input.fields[field.key];
    return typeof value === 'string' && uuidPattern.test(value) ? value : null;
  };
  const deviceId = input.deviceId ?? fieldOf('device');
  const hallOfDevice = deviceId === null ? null : await hallOf(tx, tenantId, deviceId);
  if (hallOfDevice !== null && input.hallId !== null && hallOfDevice !== input.hallId) {
    throw missing('deviceId', 'The device is not in that hall');
  }
  const hallId = hallOfDevice ?? input.hallId ?? fieldOf('hall');
  if (hallId === null) return { ...nowhere, ...(await regionFacts(tx, tenantId, input.regionId ?? null)) };
  const { rows } = await tx.$client.query<{
    name: string;
    code: string;
    time_zone: string;
    region_id: string;
    region_code: string;
  }>(
    `SELECT h.name, h.code, h.time_zone, h.region_id, r.code AS region_code FROM halls h
       JOIN regions r ON r.tenant_id = h.tenant_id AND r.id = h.region_id WHERE h.tenant_id = $1 AND h.id = $2`,
    [tenantId, hallId],
  );
  const [hall] = rows;
  if (!hall) throw missing('hallId', 'There is no such hall');
  return {
    ...{ hallId, hallName: hall.name, hallCode: hall.code, timeZone: hall.time_zone, deviceId },
    ...{ regionId: hall.region_id, regionCode: hall.region_code },
  };
};

const hallOf = async (tx: Tx, tenantId: string, deviceId: string): Promise<string> => {
  const { rows } = await tx.$client.query<{ hall_id: string }>(
    'SELECT hall_id FROM devices WHERE tenant_id = $1 AND id = $2',
    [tenantId, deviceId],
  );
  const [device] = rows;
  if (!device) throw missing('deviceId', 'There is no such device');
  return device.hall_id;
};

const regionFacts = async (
  tx: Tx,
  tenantId: string,
  regionId: string | null,
): Promise<Pick<FoundPlace, 'regionId' | 'regionCode'>> => {
  if (regionId === null) return { regionId: null, regionCode: null };
  const { rows } = await tx.$client.query<{ code: string }>(
    'SELECT code FROM regions WHERE tenant_id = $1 AND id = $2',
    [tenantId, regionId],
  );
  if (!rows[0]) throw missing('regionId', 'There is no such region');
  return { regionId, regionCode: rows[0].code };
};

const checkParent = async (tx: Tx, ctx: VerbContext, parentId: string): Promise<void> => {
  const { ticket, state, world } = await openTicket(tx, ctx, { ticketId: parentId, lock: true }).catch(
    (error: unknown) => {
      if (error instanceof HubError && error.code === 'not_found') throw missing('parentId', 'There is no such ticket');
      throw error;
    },
  );
  if (state.status === 'ended') throw refused({ ok: false, code: 'ended', context: { ticket: ticket.number } });
  if (state.openChildren.length >= mostOpenChildren) throw tooOften(mostOpenChildren);
  const { mayIntervene, maySupervise } = world.actor;
  // A child keeps its parent from being solved: whoever only sees the ticket makes none.
  if (mayIntervene || maySupervise || offersOf(world.context, state).some(({ do: act }) => act === 'split')) return;
  throw refused({ ok: false, code: 'not_offered', context: { act: 'split' } });
};
