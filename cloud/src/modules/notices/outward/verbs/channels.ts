import { HubError, uuidv7 } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { isUniqueViolation, lockCount, withTenant } from '../../../../db/index.js';
import { versionConflict } from '../../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit, differences } from '../../../audit/audit.js';
import type { Sealing } from '../../../pki/sealing.js';
import { type ChannelKind, type NoticeChannelRow, noticeChannels } from '../../tables.js';
import { emailConfigSchema, smsConfigSchema, webhookConfigSchema } from '../channel-config.js';
import { makeSigningSecret, sealSecret } from '../channel-secret.js';
import { describeChannel, describeChannels, findChannel, readChannels } from '../describe-channel.js';
import type { CreateNoticeChannel, EditNoticeChannel, NoticeChannel } from '../outward-contract.js';

/** How long a secret that was replaced still signs beside the new one. */
const overlapMs = 24 * 3_600_000;
const mostWebhooks = 20;

export const requireChannels = ({ actor }: VerbContext): void => actor.require('noticechannel.write', 'tenant');
const target = ({ id, name }: Pick<NoticeChannelRow, 'id' | 'name'>) => ({ kind: 'noticechannel', id, name });

export const listNoticeChannels = (ctx: VerbContext): Promise<{ items: NoticeChannel[] }> => {
  requireChannels(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => ({ items: await describeChannels(tx, await readChannels(tx), ctx.clock.now()) }),
    { readOnly: true },
  );
};

export interface ChannelSecret {
  readonly channel: NoticeChannel;
  /** Shown once; null for e-mail. */
  readonly secret: string | null;
}

/** Errors: `conflict` where there is one of that kind already (webhooks: twenty). */
export const createNoticeChannel = (
  ctx: VerbContext,
  { sealing, given }: { readonly sealing: Sealing; readonly given: CreateNoticeChannel },
): Promise<ChannelSecret> => {
  requireChannels(ctx);
  const id = uuidv7();
  const at = new Date(ctx.clock.now());
  const signing = given.kind === 'email' ? null : makeSigningSecret();
  const kept = given.kind === 'email' ? given.password : signing;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    if (given.kind === 'webhook') await lockCount(tx, 'notice_channels', ctx.actor.tenantId);
    const all = await readChannels(tx);
    if (given.kind === 'webhook' && all.filter(({ kind }) => kind === 'webhook').length >= mostWebhooks)
      throw new HubError('conflict', `There are ${mostWebhooks} webhooks already`);
    const [row] = await tx
      .insert(noticeChannels)
      .values({
        ...{ id, tenantId: ctx.actor.tenantId, kind: given.kind, name: given.name, config: { ...given.config } },
        ...{ secret: kept === null ? null : sealSecret(sealing, id, kept), createdAt: at, updatedAt: at },
      })
      .returning();
    if (!row) throw new HubError('bug', 'the channel just made is not there');
    await audit(tx, ctx, {
      action: 'noticechannel.created',
      target: target(row),
      after: { kind: given.kind, config: given.config },
    });
    return { channel: await describeChannel(tx, row, at.getTime()), secret: signing };
  }).catch((error: unknown) => {
    if (isUniqueViolation(error))
      throw new HubError('conflict', 'There is a channel of this kind already', { cause: error });
    throw error;
  });
};

const schemas = { email: emailConfigSchema, sms: smsConfigSchema, webhook: webhookConfigSchema } as const;

/** Errors: `invalid_input` with paths below `body.config`. */
const readConfig = (kind: ChannelKind, config: Record<string, unknown>): Record<string, unknown> => {
  const read = schemas[kind].safeParse(config);
  if (read.success) return read.data;
  throw new HubError('invalid_input', 'The channel’s settings are not right', {
    context: {
      errors: read.error.issues.map(({ path, message }) => ({ path: ['body.config', ...path].join('.'), message })),
    },
  });
};

/** Whose server a mail account's password is for. */
const isElsewhere = (before: Record<string, unknown>, now: Record<string, unknown>): boolean =>
  ['host', 'port', 'tls', 'user'].some((key) => before[key] !== now[key]);

/** Errors: `not_found`, `precondition_failed`, `invalid_input`: a password never goes to another server than it was given for. */
export const editNoticeChannel = (
  ctx: VerbContext,
  input: {
    readonly channelId: string;
    readonly version: number;
    readonly change: EditNoticeChannel;
    readonly sealing: Sealing;
  },
): Promise<NoticeChannel> => {
  requireChannels(ctx);
  const { config, password, ...change } = input.change;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    if (before.version !== input.version) throw versionConflict(before.version);
    const nowMs = ctx.clock.now();
    const isPassword = before.kind === 'email' && password !== undefined;
    const settings = config === undefined ? undefined : readConfig(before.kind, config);
    if (before.kind === 'email' && before.secret && !isPassword && settings && isElsewhere(before.config, settings)) {
      const message = 'Another server needs the password again';
      throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.password', message }] } });
    }
    const secret = password == null ? null : sealSecret(input.sealing, before.id, password);
    // Whoever changes it or switches it on again means it to be tried afresh.
    const isFresh = config !== undefined || (change.enabled === true && !before.enabled);
    const [row] = await tx
      .update(noticeChannels)
      .set({
        ...{ ...change, updatedAt: new Date(nowMs), version: sql`${noticeChannels.version} + 1` },
        ...(settings === undefined ? {} : { config: settings }),
        ...(isPassword ? { secret } : {}),
        ...(isFresh ? { failingSince: null, gaveUpAt: null, lastCode: null, lastDetail: null } : {}),
      })
      .where(eq(noticeChannels.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the channel just locked is gone');
    if (isFresh) {
      await tx.$client.query(
        `UPDATE notice_deliveries SET next_at = least(next_at, $2) WHERE channel_id = $1 AND state = 'waiting'
         AND code IS DISTINCT FROM 'held' AND code IS DISTINCT FROM 'quiet_hours' AND code IS DISTINCT FROM 'off_hours'`,
        [row.id, new Date(nowMs)],
      );
    }
    const { before: was, after } = differences(before, row, ['name', 'config', 'enabled']);
    await audit(tx, ctx, {
      action: 'noticechannel.changed',
      target: target(row),
      ...{ before: was, after: { ...after, ...(isPassword ? { password: 'changed' } : {}) } },
    });
    return describeChannel(tx, row, nowMs);
  });
};

/** Its log stays; what waited is given up. */
export const archiveNoticeChannel = (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly version: number },
): Promise<void> => {
  requireChannels(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    if (before.version !== input.version) throw versionConflict(before.version);
    const at = new Date(ctx.clock.now());
    await tx
      .update(noticeChannels)
      .set({ archivedAt: at, updatedAt: at, enabled: false, version: sql`${noticeChannels.version} + 1` })
      .where(eq(noticeChannels.id, before.id));
    await tx.$client.query(
      `UPDATE notice_deliveries SET state = 'dropped', code = 'channel_ended', next_at = NULL, done_at = $2
       WHERE channel_id = $1 AND state = 'waiting'`,
      [before.id, at],
    );
    await audit(tx, ctx, { action: 'noticechannel.archived', target: target(before) });
  });
};

/** A new secret; for a day both sign. Errors: `conflict` for e-mail, which has none. */
export const renewNoticeSecret = (
  ctx: VerbContext,
  input: { readonly channelId: string; readonly sealing: Sealing },
): Promise<ChannelSecret> => {
  requireChannels(ctx);
  const secret = makeSigningSecret();
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await findChannel(tx, input.channelId, true);
    if (before.kind === 'email') throw new HubError('conflict', 'A mail account signs nothing');
    const nowMs = ctx.clock.now();
    const [row] = await tx
      .update(noticeChannels)
      .set({
        ...{ secret: sealSecret(input.sealing, before.id, secret), oldSecret: before.secret },
        ...{ oldUntil: new Date(nowMs + overlapMs), updatedAt: new Date(nowMs) },
        version: sql`${noticeChannels.version} + 1`,
      })
      .where(eq(noticeChannels.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the channel just locked is gone');
    await audit(tx, ctx, { action: 'noticechannel.secret_renewed', target: target(row) });
    return { channel: await describeChannel(tx, row, nowMs), secret };
  });
};
