import { HubError, type Label } from '@hallhub/shared';
import type { Phase } from '@hallhub/shared/ticket';
import { eq } from 'drizzle-orm';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { defaultZone } from '../../calendars/calendar-book.js';
import { type OpenTicket, openTicket } from '../../tickets/store/change-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import { ticketForms, ticketPins } from '../tables.js';
import { organisationOf } from './find-form.js';
import { causeField, causesOf, questionOf } from './judge-question.js';
import { hashPin, isSamePin } from './pin.js';
import type { PinGuard } from './pin-guard.js';
import { ticketOfVisit } from './progress-pass.js';

export interface PublicTicket {
  readonly number: string;
  readonly kind: Label;
  readonly state: Label;
  readonly phase: Phase;
  readonly madeAt: string;
  readonly endedAt: string | null;
  /** When it came to which state, without names and places. */
  readonly progress: readonly { readonly at: string; readonly state: Label }[];
  /** What is answered to whoever asked, as the form says. */
  readonly answers: readonly { readonly label: Label; readonly text: string }[];
  readonly mayJudge: boolean;
  /** What may be given as the cause of not being content. */
  readonly causes: readonly { readonly value: string; readonly label: Label }[];
  readonly mayWithdraw: boolean;
  /** IANA, of its hall. */
  readonly zone: string;
  readonly organisation: string;
}

/** One answer, whatever was wrong: who guesses learns nothing. */
const unknown = () =>
  new HubError('not_found', 'There is no ticket of this number and PIN', { context: { reason: 'number_or_pin' } });

interface Candidate {
  tenant_id: string;
  ticket_id: string;
  hash: Buffer;
}

/** What a requester shows: number and PIN, or the number and a pass of the cookie. */
export interface TicketKey {
  readonly number: string;
  readonly pin: string;
  readonly passes?: readonly string[];
  readonly ip: string | null;
}

export interface PublicDeps extends IntakeDeps {
  readonly guard: PinGuard;
}

export interface Unlocked {
  readonly tenantId: string;
  readonly ticketId: string;
}

const noTicket = '00000000-0000-0000-0000-000000000000';

/**
 * The ticket that number and PIN, or number and pass, mean. A number that was never given costs the same work and has the same answer.
 * Errors: `not_found`, `rate_limited`.
 */
export const unlockTicket = async (
  deps: PublicDeps,
  { number, pin, passes = [], ip }: TicketKey,
): Promise<Unlocked> => {
  const passed = pin === '' ? await byPass(deps, { number, passes }) : undefined;
  if (passed) return passed;
  await deps.guard.admit({ number, ip });
  const { rows } = await withSystem(
    deps.database,
    (tx) =>
      tx.$client.query<Candidate>(
        `SELECT p.tenant_id, p.ticket_id, p.hash FROM ticket_pins p
         JOIN tickets t ON t.tenant_id = p.tenant_id AND t.id = p.ticket_id WHERE t.number = $1 ORDER BY p.tenant_id, p.ticket_id`,
        [number],
      ),
    { readOnly: true },
  );
  const nobody: Candidate = { tenant_id: noTicket, ticket_id: noTicket, hash: Buffer.alloc(32) };
  const candidates = rows.length > 0 ? rows : [nobody];
  const right = candidates.filter((one) => isSamePin(one.hash, hashPin(deps.sealing, one.ticket_id, pin)))[0];
  if (!right || right === nobody) {
    await deps.guard.failed({ number, ip });
    throw unknown();
  }
  await deps.guard.passed({ number, ip });
  return { tenantId: right.tenant_id, ticketId: right.ticket_id };
};

const byPass = async (
  deps: PublicDeps,
  { number, passes }: { readonly number: string; readonly passes: readonly string[] },
): Promise<Unlocked | undefined> => {
  const ids = passes.flatMap((pass) => ticketOfVisit(deps, pass) ?? []);
  if (ids.length === 0) return undefined;
  const { rows } = await withSystem(
    deps.database,
    (tx) =>
      tx.$client.query<{ tenant_id: string; id: string }>(
        'SELECT tenant_id, id FROM tickets WHERE id = ANY($1::uuid[]) AND number = $2',
        [ids, number],
      ),
    { readOnly: true },
  );
  const [row] = rows;
  return row && { tenantId: row.tenant_id, ticketId: row.id };
};

/** Of a ticket that a link led to. */
export const numberOf = async (deps: Pick<IntakeDeps, 'database'>, ticketId: string): Promise<string | undefined> => {
  const { rows } = await withSystem(
    deps.database,
    (tx) => tx.$client.query<{ number: string }>('SELECT number FROM tickets WHERE id = $1', [ticketId]),
    { readOnly: true },
  );
  return rows[0]?.number;
};

/** Whoever asked acts as nobody of the house. */
export const requesterContext = (deps: IntakeDeps, tenantId: string, request: RequestFacts | null): VerbContext => ({
  ...{ db: deps.database, clock: deps.clock, live: deps.live, request },
  actor: systemActor(tenantId, '诉求人'),
});

/** How far a ticket is, for whoever asked. Errors: `not_found`. */
export const readPublicTicket = async (
  deps: PublicDeps,
  key: TicketKey,
): Promise<PublicTicket & { readonly ticketId: string }> => {
  const unlocked = await unlockTicket(deps, key);
  return { ...(await readProgress(deps, unlocked)), ticketId: unlocked.ticketId };
};

/** Of a ticket that whoever asks has a claim to. */
export const readProgress = (deps: IntakeDeps, { tenantId, ticketId }: Unlocked): Promise<PublicTicket> => {
  const ctx = requesterContext(deps, tenantId, null);
  return withTenant(
    deps.database,
    ctx.actor,
    async (tx) => {
      const open = await openTicket(tx, ctx, { ticketId });
      const answers = await answersOf(tx, ticketId);
      return { ...describe(open, answers), organisation: await organisationOf(tx, tenantId) };
    },
    { readOnly: true },
  );
};

const answersOf = async (tx: Tx, ticketId: string): Promise<readonly string[]> => {
  const [row] = await tx
    .select({ answers: ticketForms.answers })
    .from(ticketPins)
    .innerJoin(ticketForms, eq(ticketForms.id, ticketPins.formId))
    .where(eq(ticketPins.ticketId, ticketId));
  return row?.answers ?? [];
};

const iso = (at: number) => new Date(at).toISOString();

const describe = (
  { ticket, state, world }: OpenTicket,
  answers: readonly string[],
): Omit<PublicTicket, 'organisation'> => {
  const { kind } = world;
  const known = new Map(kind.states.map((one) => [one.id, one]));
  const labelOf = (id: string): Label => known.get(id)?.label ?? { zh: id };
  const stateOfStep = (step: string) => kind.steps.find(({ id }) => id === step)?.state ?? state.stateId;
  const phase = known.get(state.stateId)?.phase ?? 'open';
  const question = questionOf(kind, state);
  const isAnswered = state.marks.fed_back !== undefined || phase === 'solved' || phase === 'closed';
  return {
    ...{ number: ticket.number, kind: kind.label, state: labelOf(state.stateId), phase, madeAt: iso(state.madeAt) },
    endedAt: state.endedAt === undefined ? null : iso(state.endedAt),
    progress: state.visits.map(({ step, beganAt }) => ({ at: iso(beganAt), state: labelOf(stateOfStep(step)) })),
    answers: isAnswered
      ? kind.fields.flatMap(({ key, label, personal }) => {
          const text = state.fields[key];
          return answers.includes(key) && !personal && typeof text === 'string' && text !== '' ? [{ label, text }] : [];
        })
      : [],
    mayJudge: question !== undefined,
    causes: question?.edit.includes(causeField) ? causesOf(kind) : [],
    zone: ticket.timeZone ?? defaultZone,
    mayWithdraw: state.status !== 'ended' && (phase === 'new' || phase === 'open'),
  };
};
