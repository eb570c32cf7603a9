import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { HubError, uuidv7 } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { sealDirect } from '../outward/direct-body.js';
import { readHold } from '../outward/held-address.js';
import { maskPhone } from '../outward/mask-address.js';
import type { Contact } from '../outward/outward-contract.js';
import type { OutwardDeps } from '../outward/outward-deps.js';
import { wakeAfterCommit } from '../outward/wake.js';
import { type ContactPrefs, noticeChannels, noticeDeliveries, userContacts } from '../tables.js';
import { addressHash, sealPhone } from './sealed-phone.js';

const codeMs = 10 * 60_000;
const mostTries = 5;
/** Codes cost money: so many a person a day. */
const mostCodes = 5;
const dayMs = 86_400_000;
const allTopics = ['given', 'urged', 'late', 'news'] as const;
const everything = { on: true, topics: [...allTopics], workHours: false };

const ownId = ({ actor }: VerbContext): string => {
  if (actor.userId === null) throw new HubError('forbidden', 'Only people can be reached');
  return actor.userId;
};

type Prefs = Contact['prefs'];
const prefsOf = (kept: ContactPrefs | undefined): Prefs => {
  const read = (mine: ContactPrefs['email']): Prefs['email'] =>
    mine === undefined ? everything : { ...mine, topics: allTopics.filter((topic) => mine.topics.includes(topic)) };
  return { email: read(kept?.email), sms: read(kept?.sms) };
};

const hashOf = ({ actor }: VerbContext, { sealing }: OutwardDeps, email: string | null): Buffer | undefined =>
  email === null ? undefined : addressHash(sealing, actor.tenantId, email);

const describe = async (tx: Tx, ctx: VerbContext, deps: OutwardDeps): Promise<Contact> => {
  const userId = ownId(ctx);
  const nowMs = ctx.clock.now();
  const { rows } = await tx.$client.query<{ email: string | null }>('SELECT email FROM users WHERE id = $1', [userId]);
  const [row] = await tx.select().from(userContacts).where(eq(userContacts.userId, userId));
  const channels = await tx
    .selectDistinct({ kind: noticeChannels.kind })
    .from(noticeChannels)
    .where(and(eq(noticeChannels.enabled, true), isNull(noticeChannels.archivedAt)));
  const email = rows[0]?.email ?? null;
  const hash = hashOf(ctx, deps, email);
  const held = hash && (await readHold(tx, { tenantId: ctx.actor.tenantId, hash }));
  const isPending = row?.pendingShown && row.codeUntil && row.codeUntil.getTime() > nowMs;
  return {
    ...{ email, held: held ? { code: held.code, at: held.at.toISOString() } : null },
    phone:
      row?.phoneShown && row.verifiedAt ? { shown: row.phoneShown, verifiedAt: row.verifiedAt.toISOString() } : null,
    pending: isPending ? { shown: row.pendingShown ?? '', until: row.codeUntil?.toISOString() ?? '' } : null,
    prefs: prefsOf(row?.prefs),
    channels: (['email', 'sms'] as const).filter((kind) => channels.some((one) => one.kind === kind)),
  };
};

/** How I am reached outside the console, and what of. */
export const readContact = (ctx: VerbContext, deps: OutwardDeps): Promise<Contact> =>
  withTenant(ctx.db, ctx.actor, (tx) => describe(tx, ctx, deps), { readOnly: true });

/** Whoever says that their address is right gets mails again. Errors: `not_found` where none came back. */
export const liftOwnHold = (ctx: VerbContext, deps: OutwardDeps): Promise<void> => {
  const userId = ownId(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const { rows } = await tx.$client.query<{ email: string | null }>('SELECT email FROM users WHERE id = $1', [
      userId,
    ]);
    const { rowCount } = await tx.$client.query('DELETE FROM notice_bounces WHERE tenant_id = $1 AND hash = $2', [
      ctx.actor.tenantId,
      hashOf(ctx, deps, rows[0]?.email ?? null),
    ]);
    if (rowCount === 0) throw new HubError('not_found', 'No mail to you came back');
    await audit(tx, ctx, { action: 'contact.hold_lifted', target: own(userId) });
  });
};

const keep = async (
  tx: Tx,
  ctx: VerbContext,
  { userId, set }: { readonly userId: string; readonly set: Partial<typeof userContacts.$inferInsert> },
): Promise<void> => {
  const row = { ...set, updatedAt: new Date(ctx.clock.now()) };
  await tx
    .insert(userContacts)
    .values({ userId, tenantId: ctx.actor.tenantId, ...row })
    .onConflictDoUpdate({ target: userContacts.userId, set: row });
};

const own = (userId: string) => ({ kind: 'user', id: userId, name: '' });

export const editPrefs = (
  ctx: VerbContext,
  { prefs, deps }: { readonly prefs: Prefs; readonly deps: OutwardDeps },
): Promise<Contact> => {
  const userId = ownId(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await keep(tx, ctx, { userId, set: { prefs } });
    await audit(tx, ctx, { action: 'contact.changed', target: own(userId), after: { prefs } });
    return describe(tx, ctx, deps);
  });
};

const hashCode = ({ sealing }: Pick<OutwardDeps, 'sealing'>, userId: string, code: string): Buffer =>
  createHmac('sha256', sealing.derive('contact code', 32)).update(`${userId}\0${code}`).digest();

/**
 * Sends a code to a number, by the organisation’s gateway; the number counts once the code came back. Errors: `conflict` where there is
 * no gateway, `rate_limited` after five codes a day.
 */
export const provePhone = (
  ctx: VerbContext,
  { phone, deps }: { readonly phone: string; readonly deps: OutwardDeps },
): Promise<Contact> => {
  const userId = ownId(ctx);
  const { sealing } = deps;
  const nowMs = ctx.clock.now();
  const at = new Date(nowMs);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const [gateway] = await tx
      .select()
      .from(noticeChannels)
      .where(and(eq(noticeChannels.kind, 'sms'), eq(noticeChannels.enabled, true), isNull(noticeChannels.archivedAt)));
    if (!gateway) throw new HubError('conflict', 'No short messages are set up', { context: { reason: 'no_sms' } });
    // Even where it is their first: several asked for at once are counted one after the other.
    await tx.insert(userContacts).values({ userId, tenantId: ctx.actor.tenantId }).onConflictDoNothing();
    const [row] = await tx.select().from(userContacts).where(eq(userContacts.userId, userId)).for('update');
    const isToday = nowMs - (row?.codesSince?.getTime() ?? 0) < dayMs;
    const codesSent = isToday ? (row?.codesSent ?? 0) : 0;
    if (codesSent >= mostCodes)
      throw new HubError('rate_limited', 'Too many codes today', { context: { retryAfterMs: dayMs } });
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    await keep(tx, ctx, {
      userId,
      set: {
        ...{ pending: sealPhone(sealing, userId, phone), pendingShown: maskPhone(phone), codeTries: 0 },
        ...{ codeHash: hashCode(deps, userId, code), codeUntil: new Date(nowMs + codeMs), codesSent: codesSent + 1 },
        codesSince: isToday ? (row?.codesSince ?? at) : at,
      },
    });
    const id = uuidv7();
    const text = `验证码 ${code}，10 分钟内有效。若非本人操作请忽略。`;
    await tx.insert(noticeDeliveries).values({
      ...{ id, tenantId: ctx.actor.tenantId, channelId: gateway.id, channel: 'sms', addressee: 'address' },
      // The code itself stands only in what is sealed.
      ...{ rule: 'code', topic: 'account', urgent: true, text: { zh: '验证码', en: 'Verification code' } },
      ...{ body: sealDirect(sealing, id, { to: phone, text }), once: `code ${id}`, shownTo: maskPhone(phone) },
      ...{ state: 'waiting', nextAt: at, madeAt: at },
    });
    wakeAfterCommit(tx, ctx.db);
    await audit(tx, ctx, { action: 'contact.code_sent', target: own(userId), after: { phone: maskPhone(phone) } });
    return describe(tx, ctx, deps);
  });
};

/** Errors: `conflict` with `reason` `no_code` or `wrong_code`; after five wrong ones a new code is needed. */
export const confirmPhone = async (
  ctx: VerbContext,
  { code, deps }: { readonly code: string; readonly deps: OutwardDeps },
): Promise<Contact> => {
  const userId = ownId(ctx);
  const nowMs = ctx.clock.now();
  const done = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [row] = await tx.select().from(userContacts).where(eq(userContacts.userId, userId)).for('update');
    const isOpen = row?.pending && row.codeHash && (row.codeUntil?.getTime() ?? 0) > nowMs && row.codeTries < mostTries;
    if (!isOpen || !row.codeHash) return 'no_code' as const;
    if (!timingSafeEqual(row.codeHash, hashCode(deps, userId, code))) {
      await keep(tx, ctx, { userId, set: { codeTries: row.codeTries + 1 } });
      return 'wrong_code' as const;
    }
    await keep(tx, ctx, {
      userId,
      set: {
        ...{ phone: row.pending, phoneShown: row.pendingShown, verifiedAt: new Date(nowMs), codeTries: 0 },
        ...{ pending: null, pendingShown: null, codeHash: null, codeUntil: null },
      },
    });
    await audit(tx, ctx, { action: 'contact.phone_verified', target: own(userId), after: { phone: row.pendingShown } });
    return describe(tx, ctx, deps);
  });
  if (typeof done === 'string') {
    const message = done === 'no_code' ? 'There is no code to be confirmed' : 'That is not the code';
    throw new HubError('conflict', message, { context: { reason: done } });
  }
  return done;
};

export const forgetPhone = (ctx: VerbContext): Promise<void> => {
  const userId = ownId(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await keep(tx, ctx, {
      userId,
      set: {
        ...{ phone: null, phoneShown: null, verifiedAt: null, pending: null, pendingShown: null },
        ...{ codeHash: null, codeUntil: null },
      },
    });
    await audit(tx, ctx, { action: 'contact.phone_removed', target: own(userId) });
  });
};
