import { decide, heldUp, isLive, type TicketPage } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { OpenTicket } from '../store/change-ticket.js';

/** What could not begin and why; what waits for tickets that this one began. */
export const readBegins = async (
  tx: Tx,
  ctx: VerbContext,
  { ticket, state, world }: OpenTicket,
): Promise<Pick<TicketPage, 'unbegun' | 'heldUp'>> => {
  const { kind } = world;
  const unbegun: TicketPage['unbegun'] = [];
  for (const { of, rule: id, state: how, why = 'broken', about = null } of state.begun ?? []) {
    if (how !== 'failed') continue;
    const rule = kind.begins.find((one) => one.id === id);
    const other = rule && (await readKind(tx, ticket.tenantId, rule.kind));
    // Letting it be is whoever’s trying it again is, and asks for no rule.
    const mayTry = decide(world.context, state, { do: 'dropBegin', of, opinion: '·' }).ok;
    unbegun.push({
      ...{ of, why, about, label: rule?.label ?? { zh: id } },
      kind: rule ? { code: rule.kind, label: other?.kind.label ?? null } : null,
      mayTry: mayTry && ctx.actor.canAnywhere('ticket.act'),
    });
  }
  const step = kind.steps.find((one) => one.id === state.step);
  const isOpen = state.status !== 'ended' && state.tasks.some(isLive);
  const held = (isOpen ? (step?.actions ?? []) : []).flatMap(({ id, label }) => {
    const count = heldUp(kind, state, { step: state.step, action: id });
    return count === 0 ? [] : [{ action: label, count }];
  });
  return { unbegun, heldUp: held };
};
