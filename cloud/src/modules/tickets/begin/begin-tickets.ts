import { HubError, isHubError } from '@hallhub/shared';
import {
  type BeginFailure,
  type BeginRule,
  decideNews,
  fillTicket,
  mostBegun,
  type TicketNews,
  type TicketRow,
} from '@hallhub/shared/ticket';
import { behindSavepoint, postgresError, type Tx } from '../../../db/index.js';
import { type Actor, systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { MakeTicketInput } from '../make-ticket.js';
import { keepDecision, type OpenTicket, openTicket } from '../store/change-ticket.js';
import type { SavedLines } from '../store/save-lines.js';
import { mostOpenChildren } from '../store/ticket-bounds.js';
import { ticketDeps } from '../ticket-deps.js';
import { beginSystem, depthOf } from './begun-from.js';
import { copyFiles } from './copy-files.js';

/** Tickets that begin tickets, one after the other: what loops comes to its end here. */
export const mostDeep = 5;
/** Of one act, with all that they begin in turn: ten rules five deep would be a hundred thousand. */
export const mostOfAct = 30;

/** What the act that runs in a transaction has begun so far. */
const running = new WeakMap<Tx, { begun: number }>();

type Make = (tx: Tx, ctx: VerbContext, input: MakeTicketInput) => Promise<TicketRow>;
interface Failure {
  readonly why: BeginFailure;
  readonly about?: string | undefined;
}
interface Begun {
  readonly ticketId: string;
  readonly number: string;
  readonly how: 'child' | 'caused_by';
}

/**
 * Makes the tickets that an act's lines ask for, in its transaction, each exactly once: the line that asked is its origin. What cannot be
 * made undoes nothing: the history says why, and it is tried again by hand. Answers the ticket as it stands then.
 */
export const beginTickets = async (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly saved: SavedLines; readonly make: Make },
): Promise<SavedLines> => {
  if (running.has(tx)) return beginAll(tx, ctx, of);
  running.set(tx, { begun: 0 });
  try {
    return await beginAll(tx, ctx, of);
  } finally {
    running.delete(tx);
  }
};

const beginAll = async (
  tx: Tx,
  ctx: VerbContext,
  { saved, make }: { readonly saved: SavedLines; readonly make: Make },
): Promise<SavedLines> => {
  let last = saved;
  for (const event of saved.events) {
    if (event.type !== 'begin_wanted') continue;
    const now = await beginOne(tx, ctx, { ticketId: saved.ticket.id, of: event.of ?? event.seq, make });
    last = { ...now, before: saved.before, events: [...last.events, ...now.events] };
  }
  return last;
};

interface Beginning {
  readonly ticketId: string;
  readonly of: number;
  readonly make: Make;
}

const beginOne = async (tx: Tx, ctx: VerbContext, { ticketId, of, make }: Beginning): Promise<SavedLines> => {
  const told: VerbContext = { ...ctx, actor: systemActor(ctx.actor.tenantId) };
  const open = await openTicket(tx, told, { ticketId, lock: true });
  const wanted = open.state.begun?.find((one) => one.of === of);
  const rule = open.world.kind.begins.find(({ id }) => id === wanted?.rule);
  const came = rule ? await tryRule(tx, ctx, { open, rule, of, make }) : ({ why: 'rule_gone' } as const);
  const news: TicketNews =
    'why' in came ? { do: 'beginFailed', of, ...came } : { do: 'begun', of, ticket: came.ticketId, how: came.how };
  const saved = await keepDecision(tx, told, { open, decided: decideNews(open.state, news) });
  await audit(tx, told, {
    action: 'why' in came ? 'ticket.begin_failed' : 'ticket.began_another',
    target: { kind: 'ticket', id: ticketId, name: open.ticket.number },
    hallId: open.ticket.hallId,
    after: { rule: wanted?.rule, ...('why' in came ? came : { ticketId: came.ticketId, number: came.number }) },
  });
  return saved;
};

/** With all that the platform may, in the name of whoever acted: the rule of the kind allows it, and they are whom it initiates. */
const inTheNameOf = ({ actor, request, ...ctx }: VerbContext): VerbContext => {
  const { tenantId, userId, userName } = actor;
  const maker: Actor = { ...systemActor(tenantId, userId === null ? 'system' : userName), userId };
  return { ...ctx, actor: maker, request: request && { ...request, idempotencyKey: null } };
};

interface Trying {
  readonly open: OpenTicket;
  readonly rule: BeginRule;
  readonly of: number;
  readonly make: Make;
}

/** What fails leaves no trace but its reason. */
const tryRule = async (tx: Tx, ctx: VerbContext, trying: Trying): Promise<Begun | Failure> => {
  try {
    return await behindSavepoint(tx, () => followRule(tx, inTheNameOf(ctx), trying));
  } catch (error) {
    // Over as a whole: the connection is gone, or two waited for each other. The act is tried again, or fails.
    if (/^(?:40|08|57|53)/.test(postgresError(error)?.code ?? '')) throw error;
    const failure = failureOf(error);
    if (failure.why === 'broken') {
      const of = { ticketId: trying.open.ticket.id, rule: trying.rule.id };
      ticketDeps(ctx.db).log.error({ err: error, ...of }, 'a ticket could not be begun');
    }
    return failure;
  }
};

const failureOf = (error: unknown): Failure => {
  const refusals = ['conflict', 'not_found', 'invalid_input', 'too_large'] as const;
  if (error instanceof HubError && refusals.some((code) => isHubError(error, code))) {
    const { refusal, field } = error.context;
    const about = typeof refusal === 'string' ? refusal : error.code;
    return { why: 'refused', about: typeof field === 'string' ? `${about} ${field}` : about };
  }
  return { why: 'broken', about: isHubError(error) ? error.code : (postgresError(error)?.code ?? 'bug') };
};

const followRule = async (tx: Tx, ctx: VerbContext, { open, rule, of, make }: Trying): Promise<Begun | Failure> => {
  const { ticket, state, world } = open;
  const { tenantId } = ticket;
  const other = await readKind(tx, tenantId, rule.kind);
  if (!other) return { why: 'no_kind', about: rule.kind };
  const how = state.status === 'ended' ? 'caused_by' : rule.as;
  const isFull = how === 'child' && state.openChildren.length >= mostOpenChildren;
  if (isFull || (state.begun?.length ?? 0) > mostBegun) return { why: 'too_many', about: String(mostBegun) };
  const depth = await depthOf(tx, { tenantId, ticketId: ticket.id, most: mostDeep });
  if (depth + 1 > mostDeep) return { why: 'too_deep', about: String(mostDeep) };
  const act = running.get(tx);
  if (act && act.begun >= mostOfAct) return { why: 'too_many', about: String(mostOfAct) };
  if (act) act.begun += 1;
  const filled = fillTicket(rule, {
    ...{ from: world.kind, to: other.kind, state },
    valueOf: (expression) => world.valueOf(expression, state),
  });
  if (!filled.ok) return { why: filled.why, about: filled.about };
  const fields = await copyFiles(tx, ctx, { ticketId: ticket.id, kind: other.kind, fields: filled.fields });
  // A place of its own comes before the place of the ticket that begins it.
  const isElsewhere = other.kind.fields.some(({ key, type }) => (type === 'hall' || type === 'device') && fields[key]);
  const made = await make(tx, ctx, {
    ...{ kind: rule.kind, fields, level: filled.level, source: 'ticket', begunBy: ticket.id },
    ...{ hallId: isElsewhere ? null : ticket.hallId, deviceId: isElsewhere ? null : ticket.deviceId },
    ...{ regionId: ticket.regionId, parentId: how === 'child' ? ticket.id : null },
    origin: { system: beginSystem, key: `${ticket.id}:${of}` },
  });
  if (how === 'caused_by') {
    await tx.$client.query(
      `INSERT INTO ticket_links (tenant_id, from_id, to_id, how, made_at) VALUES ($1, $2, $3, 'caused_by', $4) ON CONFLICT DO NOTHING`,
      [tenantId, made.id, ticket.id, new Date(world.at)],
    );
  }
  return { ticketId: made.id, number: made.number, how };
};
