import { HubError } from '@hallhub/shared';
import type { TicketCommand, TicketState } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type OpenTicket, refused } from './change-ticket.js';
import { doerOf } from './ticket-world.js';

/** Lines of one ticket. A ticket that people worked on for a year has two hundred; every act reads all of them. */
export const mostLines = 2_000;
/** Of one person on one ticket, within `perMs`. */
export const mostRemarks = { commented: 30, reminded: 12, edited: 120, unlinked: 30 } as const;
const perMs = 3_600_000;
export const mostLinks = 200;
export const mostOpenChildren = 200;
/** JSON of all fields, in characters: every field of the largest kind that is shipped, filled to the brim, has half of it. */
const mostFields = 256 * 1024;

/** What brings a ticket towards its end is always allowed: none may be so long that it cannot be closed. */
const closing: ReadonlySet<TicketCommand['do']> = new Set([
  ...([
    'submit',
    'sign',
    'takeOver',
    'resume',
    'withdraw',
    'decideExtension',
    'cancel',
    'mergeInto',
    'intervene',
  ] as const),
]);

const remarkOf: { readonly [D in TicketCommand['do']]?: keyof typeof mostRemarks } = {
  ...{ comment: 'commented', remind: 'reminded', edit: 'edited', unlink: 'unlinked' },
};

/** Refuses what would make a ticket endless. The platform itself only carries what is bounded elsewhere. */
export const checkBounds = async (
  tx: Tx,
  ctx: VerbContext,
  { open, command }: { readonly open: OpenTicket; readonly command: TicketCommand },
): Promise<void> => {
  const { ticket, state } = open;
  if (state.seq >= mostLines && !closing.has(command.do)) throw tooOften(mostLines);
  if ('fields' in command) checkSize(state, command.fields);
  const type = remarkOf[command.do];
  if (ctx.actor.kind === 'system' || type === undefined) return;
  const { rows } = await tx.$client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ticket_history WHERE tenant_id = $1 AND ticket_id = $2 AND type = $3 AND by = $4 AND at > $5`,
    [ticket.tenantId, ticket.id, type, doerOf(ctx.actor), new Date(ctx.clock.now() - perMs)],
  );
  if ((rows[0]?.count ?? 0) >= mostRemarks[type]) throw tooOften(mostRemarks[type], perMs / 60_000);
};

export const tooOften = (most: number, perMinutes?: number): HubError =>
  refused({ ok: false, code: 'too_often', context: { most, ...(perMinutes === undefined ? {} : { perMinutes }) } });

export const checkSize = (state: Pick<TicketState, 'fields'>, fields: TicketState['fields']): void => {
  const size = JSON.stringify({ ...state.fields, ...fields }).length;
  if (size <= mostFields) return;
  throw new HubError('too_large', `The fields of a ticket have ${mostFields} characters at most; these have ${size}`);
};
