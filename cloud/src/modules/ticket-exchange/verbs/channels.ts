import { HubError, uuidv7 } from '@hallhub/shared';
import { exchangeMappingSchema } from '@hallhub/shared/exchange';
import { eq, sql } from 'drizzle-orm';
import { isForeignKeyViolation, isUniqueViolation, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import type { Sealing } from '../../pki/sealing.js';
import { makeSecret, sealSecret } from '../channel/channel-secret.js';
import { describeChannel, describeChannels, findChannel, readChannels } from '../channel/describe-channel.js';
import type { CreateChannel, EditChannel, ExchangeChannel } from '../contract.js';
import { exchangeChannels } from '../tables.js';

/** How long a secret that was replaced is still good. */
const overlapMs = 24 * 3_600_000;

const requireRight = ({ actor }: VerbContext): void => actor.require('ticketexchange.write', 'tenant');

export const listChannels = (ctx: VerbContext): Promise<{ items: ExchangeChannel[] }> => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => ({ items: await describeChannels(tx, await readChannels(tx), ctx.clock.now()) }),
    { readOnly: true },
  );
};

/** Throws `not_found`. */
export const readChannel = (ctx: VerbContext, input: { readonly channelId: string }): Promise<ExchangeChannel> => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => describeChannel(tx, await findChannel(tx, input.channelId), ctx.clock.now()),
    { readOnly: true },
  );
};

export interface ChannelSecret {
  readonly channel: ExchangeChannel;
  readonly keyId: string;
  readonly secret: string;
}

/** A channel to a platform; its secret is shown this once. Errors: `conflict` where the code is taken, `invalid_input`. */
export const createChannel = (
  ctx: VerbContext,
  input: CreateChannel & { readonly sealing: Sealing },
): Promise<ChannelSecret> => {
  requireRight(ctx);
  const { sealing, ...given } = input;
  const made = makeSecret();
  const id = uuidv7();
  const at = new Date(ctx.clock.now());
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const [row] = await tx
      .insert(exchangeChannels)
      .values({
        ...{ ...given, id, tenantId: ctx.actor.tenantId, createdAt: at, updatedAt: at },
        ...{ keyId: made.keyId, secret: sealSecret(sealing, id, made) },
      })
      .returning();
    if (!row) throw new HubError('bug', 'the channel just made is not there');
    await audit(tx, ctx, {
      action: 'exchangechannel.created',
      target: { kind: 'exchangechannel', id, name: given.name },
      hallId: given.hallId,
      after: { ...given, keyId: made.keyId },
    });
    return { channel: await describeChannel(tx, row, ctx.clock.now()), ...made };
  }).catch(refuse);
};

const refuse = (error: unknown): never => {
  if (isUniqueViolation(error)) throw new HubError('conflict', 'There is a channel of this code', { cause: error });
  if (isForeignKeyViolation(error)) {
    const message = 'There is no such hall';
    throw new HubError('invalid_input', message, {
      cause: error,
      context: { errors: [{ path: 'body.hallId', message }] },
    });
  }
  throw error;
};

/** Errors: `not_found`, `precondition_failed`. */
export const editChannel = (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly version: number; readonly change: EditChannel },
): Promise<ExchangeChannel> => {
  requireRight(ctx);
  const { paused, ...change } = input.change;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    if (before.version !== input.version) throw versionConflict(before.version);
    const at = new Date(ctx.clock.now());
    const pausedAt = paused === undefined ? before.pausedAt : paused ? (before.pausedAt ?? at) : null;
    // A new address may have another clock.
    const clockMs = change.baseUrl !== undefined && change.baseUrl !== before.baseUrl ? 0 : before.clockMs;
    const [row] = await tx
      .update(exchangeChannels)
      .set({ ...change, pausedAt, clockMs, updatedAt: at, version: sql`${exchangeChannels.version} + 1` })
      .where(eq(exchangeChannels.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the channel just locked is gone');
    const plain = (of: typeof before) => ({
      ...of,
      mapping: exchangeMappingSchema.parse(of.mapping),
      paused: of.pausedAt !== null,
    });
    await audit(tx, ctx, {
      action: 'exchangechannel.changed',
      target: { kind: 'exchangechannel', id: row.id, name: row.name },
      hallId: row.hallId,
      ...differences(plain(before), plain(row), ['name', 'baseUrl', 'mapping', 'hallId', 'paused']),
    });
    return describeChannel(tx, row, ctx.clock.now());
  }).catch(refuse);
};

/** Its log stays; nothing goes either way any more. */
export const archiveChannel = (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly version: number },
): Promise<void> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    if (before.version !== input.version) throw versionConflict(before.version);
    const at = new Date(ctx.clock.now());
    await tx
      .update(exchangeChannels)
      .set({ archivedAt: at, updatedAt: at, version: sql`${exchangeChannels.version} + 1` })
      .where(eq(exchangeChannels.id, before.id));
    await audit(tx, ctx, {
      action: 'exchangechannel.archived',
      target: { kind: 'exchangechannel', id: before.id, name: before.name },
      hallId: before.hallId,
    });
  });
};

/** A new secret; the one before is good for another day, so that neither end stands still meanwhile. */
export const renewSecret = (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly sealing: Sealing },
): Promise<ChannelSecret> => {
  requireRight(ctx);
  const made = makeSecret();
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    const nowMs = ctx.clock.now();
    const [row] = await tx
      .update(exchangeChannels)
      .set({
        ...{ keyId: made.keyId, secret: sealSecret(input.sealing, before.id, made), updatedAt: new Date(nowMs) },
        ...{ oldKeyId: before.keyId, oldSecret: before.secret, oldUntil: new Date(nowMs + overlapMs) },
        version: sql`${exchangeChannels.version} + 1`,
      })
      .where(eq(exchangeChannels.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the channel just locked is gone');
    await audit(tx, ctx, {
      action: 'exchangechannel.secret_renewed',
      target: { kind: 'exchangechannel', id: row.id, name: row.name },
      hallId: row.hallId,
      ...{ before: { keyId: before.keyId }, after: { keyId: made.keyId } },
    });
    return { channel: await describeChannel(tx, row, nowMs), ...made };
  });
};
