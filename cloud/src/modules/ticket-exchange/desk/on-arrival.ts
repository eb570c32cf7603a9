import { type ExchangeContent, type ExchangeMessage, isFast, triageOf } from '@hallhub/shared/exchange';
import type { Tx } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Sealing } from '../../pki/sealing.js';
import { lockLink } from '../link-book.js';
import { appendMessage } from '../send/append-message.js';
import type { ChannelRow, LinkRow } from '../tables.js';
import { actInTurn, endAsReturned } from './apply-message.js';

type Dispatch = Extract<ExchangeMessage, { act: 'dispatch' }>;

interface Arrival {
  readonly sealing: Sealing;
  readonly channel: ChannelRow;
  readonly message: Dispatch;
  readonly link: LinkRow;
  readonly at: Date;
}

export interface Arrived {
  readonly link: LinkRow;
  /** `made`, `triaged` (given back by rule) or `fast` (accepted and signed by rule). */
  readonly effect: string;
}

/** What the channel’s rules do with a ticket that has just come, before any person: given back, or accepted, or neither. */
export const onArrival = async (tx: Tx, ctx: VerbContext, of: Arrival): Promise<Arrived> => {
  const { channel, message, link } = of;
  const { triage = [], fast = null } = channel.mapping.incoming ?? {};
  const rule = triageOf(triage, message);
  if (rule) {
    await endAsReturned(tx, ctx, { ticketId: link.ticketId, opinion: `${rule.name} [${rule.code}] ${rule.say}` });
    await say(tx, of, { act: 'return', words: rule.say, code: rule.code, at: of.at.getTime(), files: [] });
    return { link: await lockLink(tx, link.id), effect: 'triaged' };
  }
  if (fast && isFast(fast, message)) {
    // Not in the platform’s name: what its rules say of it is told to it.
    const here: VerbContext = { ...ctx, actor: systemActor(channel.tenantId, '快速受理') };
    await actInTurn(tx, here, { ticketId: link.ticketId, message, acts: fast.acts });
    const now = await lockLink(tx, link.id);
    await say(tx, { ...of, link: now }, { act: 'sign', at: of.at.getTime(), files: [] });
    return { link: await lockLink(tx, link.id), effect: 'fast' };
  }
  return { link, effect: 'made' };
};

/** What was said already is not said twice. */
const say = (tx: Tx, { sealing, link, at }: Arrival, content: ExchangeContent) =>
  appendMessage(tx, { sealing, link, content, at });
