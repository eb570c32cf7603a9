import { uuidv7 } from '@hallhub/shared';
import {
  type ConditionFacts,
  type DecideContext,
  fieldProblem,
  isLive,
  type TicketActor,
  type TicketClock,
  type TicketConditions,
  type TicketKind,
  type TicketState,
  ticketConditions,
} from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';
import type { Actor, Scope } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type Calendars, stampedCalendars } from '../../calendars/calendar-book.js';
import { loadOrganisation, PartyBook } from '../../offices/party-book.js';
import { dispatchQuestion } from './dispatch-question.js';
import type { LoadedTicket } from './load-ticket.js';

/** Where a ticket is, as rules and rights ask for it. */
export interface TicketPlace {
  readonly hallId: string | null;
  readonly regionId: string | null;
  readonly hallCode: string | null;
  readonly regionCode: string | null;
  readonly place: LoadedTicket['place'];
}

/** Who a line of history says it was. */
export const doerOf = ({ kind, userId, apiKeyId }: Actor): string =>
  userId ?? (kind === 'apikey' ? `apikey:${apiKeyId}` : 'system');

export const scopeOf = ({ hallId, regionId }: Pick<TicketPlace, 'hallId' | 'regionId'>): Scope => {
  if (hallId !== null) return { hallId };
  return regionId === null ? 'tenant' : { regionId };
};

/** What all tickets of an organisation ask of the world. */
export interface WorldSources extends Awaited<ReturnType<typeof stampedCalendars>> {
  readonly organisation: Awaited<ReturnType<typeof loadOrganisation>>;
}

export const worldSources = async (tx: Tx, tenantId: string): Promise<WorldSources> => {
  const [organisation, stamped] = await together([loadOrganisation(tx, tenantId), stampedCalendars(tx, tenantId)]);
  return { organisation, ...stamped };
};

/** Everything that decisions about one ticket ask of the world, read once; then it answers without waiting. */
export class TicketWorld {
  readonly actor: TicketActor;
  readonly #conditions: TicketConditions;

  private constructor(
    readonly kind: TicketKind,
    readonly book: PartyBook,
    readonly calendars: Calendars,
    readonly stamp: string,
    /** Epoch ms UTC. */
    readonly at: number,
    readonly place: TicketPlace,
    actor: Actor,
    state: TicketState | undefined,
  ) {
    this.#conditions = ticketConditions(kind);
    this.actor = ticketActor(actor, { book, at, place, state });
  }

  /** `state` undefined: there is no ticket yet. */
  static async load(
    tx: Tx,
    ctx: Pick<VerbContext, 'actor' | 'clock'>,
    of: {
      readonly kind: TicketKind;
      readonly place: TicketPlace;
      readonly state: TicketState | undefined;
      /** Of its last line: another machine's clock may be ahead. */
      readonly notBefore?: number;
      /** Where they were read with the ticket. */
      readonly sources?: WorldSources;
    },
  ): Promise<TicketWorld> {
    const { tenantId } = ctx.actor;
    const at = Math.max(ctx.clock.now(), of.notBefore ?? 0);
    const { organisation, calendars, stamp } = of.sources ?? (await worldSources(tx, tenantId));
    const asks = asksForSkills(of.kind);
    const book = await PartyBook.of(tx, { tenantId, organisation, calendars, at, asksForSkills: asks });
    return new TicketWorld(of.kind, book, calendars, stamp, at, of.place, ctx.actor, of.state);
  }

  get facts(): ConditionFacts {
    return { region: this.place.regionCode, hall: this.place.hallCode, at: this.at };
  }

  holds = (expression: string, state: TicketState): boolean => this.#conditions.holds(expression, state, this.facts);

  /** What an expression says of the ticket. */
  valueOf = (expression: string, state: TicketState): unknown => this.#conditions.value(expression, state, this.facts);

  targetOf = (clock: TicketClock, state: TicketState): number => this.#conditions.targetOf(clock, state, this.facts);

  parties: DecideContext['parties'] = (rule, state) =>
    this.book.parties(rule, dispatchQuestion({ kind: this.kind, state, actor: this.actor.userId, where: this.place }));

  get context(): DecideContext {
    return {
      ...{ kind: this.kind, actor: this.actor, at: this.at, newId: uuidv7, fallback: this.book.fallback },
      ...{ parties: this.parties, holds: this.holds, isHere: (userId) => this.book.isHere(userId) },
      fieldProblem: (key, value) => {
        const field = this.kind.fields.find((one) => one.key === key);
        return field ? fieldProblem(field, value) : undefined;
      },
    };
  }
}

const asking = new WeakMap<TicketKind, boolean>();
/** Whether any rule of a kind chooses by skill. */
export const asksForSkills = (kind: TicketKind): boolean => {
  const known = asking.get(kind);
  if (known !== undefined) return known;
  const asks = /"kind":"skill"/.test(JSON.stringify(kind));
  asking.set(kind, asks);
  return asks;
};

const ticketActor = (
  actor: Actor,
  of: {
    readonly book: PartyBook;
    readonly at: number;
    readonly place: TicketPlace;
    readonly state: TicketState | undefined;
  },
): TicketActor => {
  const userId = doerOf(actor);
  const scope = scopeOf(of.place);
  const may = {
    mayIntervene: actor.can('ticket.intervene', scope),
    maySupervise: actor.can('ticket.supervise', scope),
  };
  if (actor.kind !== 'system') {
    const person = actor.userId;
    return {
      ...{ userId, ...may },
      offices: person === null ? [] : of.book.officesOf(person),
      standsInFor: person === null ? [] : of.book.standsInFor(person, of.at),
    };
  }
  // The platform carries what people do elsewhere (another platform, a requester's link): it may do whosever task that is.
  const live = (of.state?.tasks ?? []).filter(isLive);
  return {
    ...{ userId, ...may },
    offices: live.flatMap(({ party }) => (party.kind === 'office' ? [party.id] : [])),
    standsInFor: live.flatMap(({ party, heldBy }) => heldBy ?? (party.kind === 'person' ? party.id : [])),
  };
};

/** In whose name a person has to do with tickets: themself, their offices, whom they stand in for. */
export const partiesOf = (book: PartyBook, userId: string | null, at: number): readonly string[] =>
  userId === null ? [] : [userId, ...book.officesOf(userId), ...book.standsInFor(userId, at)];

/** Whether a ticket is theirs to see: it lies where they may read, or they had to do with it. */
export const maySee = (
  actor: Actor,
  state: TicketState,
  of: { readonly book: PartyBook; readonly at: number; readonly place: Pick<TicketPlace, 'hallId' | 'regionId'> },
): boolean => {
  if (actor.can('ticket.read', scopeOf(of.place))) return true;
  if (!actor.canAnywhere('ticket.read')) return false;
  const mine = new Set(partiesOf(of.book, actor.userId, of.at));
  return (
    state.madeBy === doerOf(actor) ||
    state.tasks.some(({ party, heldBy }) => mine.has(party.id) || (heldBy !== undefined && mine.has(heldBy)))
  );
};
