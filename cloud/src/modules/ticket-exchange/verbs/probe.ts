import { desc, eq } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { findChannel } from '../channel/describe-channel.js';
import { type Comparison, compareChannel } from '../compare/compare-channel.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { callPeer, readAnswer } from '../send/call-peer.js';
import { type ChannelRow, exchangeComparisons } from '../tables.js';

const requireRight = ({ actor }: VerbContext): void => actor.require('ticketexchange.write', 'tenant');

/** Asks the platform for its book, and says what came of it: address, key, clocks, all at once. */
export const testChannel = async (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly deps: ExchangeDeps },
) => {
  requireRight(ctx);
  const channel = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await findChannel(tx, input.channelId);
    await note(tx, ctx, found, 'tested');
    return found;
  });
  if (channel.baseUrl === null) {
    return { ok: false, status: null, tookMs: 0, problem: 'address', detail: 'The channel has no address' };
  }
  const reply = await callPeer(input.deps, channel, { method: 'GET', path: '/book' });
  const answer = readAnswer(reply);
  const problem = reply.problem ?? (answer?.result === 'refused' ? answer.code : null);
  const detail = reply.detail ?? (answer?.result === 'refused' ? answer.detail : null);
  return { ok: problem === null, status: reply.status, tookMs: reply.tookMs, problem, detail };
};

const note = (
  tx: Tx,
  ctx: VerbContext,
  { id, name, hallId }: ChannelRow,
  what: 'tested' | 'compared',
): Promise<unknown> =>
  audit(tx, ctx, { action: `exchangechannel.${what}`, target: { kind: 'exchangechannel', id, name }, hallId });

const toView = (row: Comparison) => ({
  ...{ id: row.id, at: row.at.toISOString(), tookMs: row.tookMs, state: row.state, here: row.here, there: row.there },
  ...{ underWay: row.underWay, different: row.different, differences: [...row.differences], detail: row.detail },
});

export const runComparison = async (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly deps: ExchangeDeps },
) => {
  requireRight(ctx);
  const channel = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await findChannel(tx, input.channelId);
    await note(tx, ctx, found, 'compared');
    return found;
  });
  return toView(await compareChannel(input.deps, channel));
};

/** The last thirty. */
export const listComparisons = (ctx: VerbContext, input: { readonly channelId: string }) => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const channel = await findChannel(tx, input.channelId);
      const rows = await tx
        .select()
        .from(exchangeComparisons)
        .where(eq(exchangeComparisons.channelId, channel.id))
        .orderBy(desc(exchangeComparisons.at))
        .limit(30);
      return { items: rows.map(toView) };
    },
    { readOnly: true },
  );
};
