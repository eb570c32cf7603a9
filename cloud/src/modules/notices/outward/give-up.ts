import { uuidv7 } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import { afterCommit, type Tx } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import { audit } from '../../audit/audit.js';
import { noticeNew } from '../notice-new.js';
import { type NoticeChannelRow, noticeChannels, noticeDeliveries, notices } from '../tables.js';
import type { OutwardDeps } from './outward-deps.js';

/** A webhook that was switched off: the organisation’s owners learn of it in the console and, where they can, by mail. */
export const tellOwners = async (tx: Tx, deps: OutwardDeps, channel: NoticeChannelRow): Promise<void> => {
  const { tenantId, id, name } = channel;
  await audit(
    tx,
    { actor: systemActor(tenantId), request: null },
    {
      action: 'noticechannel.gave_up',
      target: { kind: 'noticechannel', id, name },
      after: { code: channel.lastCode },
    },
  );
  const { rows } = await tx.$client.query<{ id: string; email: string | null }>(
    `SELECT DISTINCT u.id, u.email FROM users u JOIN role_grants g ON g.user_id = u.id JOIN roles r ON r.id = g.role_id
     WHERE u.tenant_id = $1 AND u.state = 'active' AND r.key = 'owner'`,
    [tenantId],
  );
  if (rows.length === 0) return;
  const at = new Date(deps.clock.now());
  const text = {
    zh: `通知渠道“${name}”连续多日发送失败，已停用`,
    en: `The notice channel “${name}” failed for days and was switched off`,
  };
  const base = { tenantId, rule: 'channel_gave_up', text, madeAt: at };
  await tx
    .insert(notices)
    .values(rows.map((one) => ({ ...base, id: uuidv7(), personId: one.id, once: `channel ${id} ${at.getTime()}` })))
    .onConflictDoNothing();
  const [mail] = await tx
    .select({ id: noticeChannels.id })
    .from(noticeChannels)
    .where(and(eq(noticeChannels.kind, 'email'), eq(noticeChannels.enabled, true), isNull(noticeChannels.archivedAt)));
  const reached = rows.filter(({ email }) => email !== null);
  if (mail && reached.length > 0) {
    await tx.insert(noticeDeliveries).values(
      reached.map((one) => ({
        ...{ ...base, id: uuidv7(), channelId: mail.id, channel: 'email' as const, addressee: 'person' as const },
        ...{ personId: one.id, topic: 'account' as const, state: 'waiting' as const, nextAt: at },
        once: `${one.id} channel ${id} ${at.getTime()}`,
      })),
    );
  }
  const owners = rows.map((one) => one.id);
  afterCommit(tx, () => deps.live.publish(noticeNew(tenantId, owners)));
};
