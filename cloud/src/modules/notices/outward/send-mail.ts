import { type Clock, HubError, type Label, uuidv7 } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { Sealing } from '../../pki/sealing.js';
import { noticeChannels, noticeDeliveries } from '../tables.js';
import { sealDirect } from './direct-body.js';
import { isEmailAddress, maskEmail } from './mask-address.js';
import { messageIdOf } from './message-id.js';

export interface OutgoingMail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  /** Plain text; the mail has a simple HTML part of the same words. */
  readonly text: string;
  /** Message-ID of what it answers, with its angle brackets. */
  readonly inReplyTo?: string;
  /** The same key is sent once, however often it is asked for. */
  readonly idempotencyKey: string;
  /** Shown on that ticket’s list of notices. */
  readonly ticketId?: string;
  /** What it is, in the log: never what it says. */
  readonly about: Label;
}

export interface QueuedMail {
  readonly deliveryId: string;
  /** As the mail will bear it, for whoever threads the answers. */
  readonly messageId: string;
}

/**
 * Puts a mail into the organisation’s outbox, in the caller’s transaction; it leaves after the commit. Undefined: the organisation
 * has no mail account, or this key was sent before. Errors: `invalid_input` where `to` is no address.
 */
export const sendMail = async (
  tx: Tx,
  { sealing, clock }: { readonly sealing: Sealing; readonly clock: Clock },
  tenantId: string,
  mail: OutgoingMail,
): Promise<QueuedMail | undefined> => {
  const { to, subject, text, inReplyTo } = mail;
  if (!isEmailAddress(to)) throw new HubError('invalid_input', 'That is no e-mail address');
  const [channel] = await tx
    .select()
    .from(noticeChannels)
    .where(
      and(eq(noticeChannels.tenantId, tenantId), eq(noticeChannels.kind, 'email'), isNull(noticeChannels.archivedAt)),
    );
  if (!channel) return undefined;
  const id = uuidv7();
  const at = new Date(clock.now());
  const made = await tx
    .insert(noticeDeliveries)
    .values({
      ...{ id, tenantId, channelId: channel.id, channel: 'email', addressee: 'address', rule: 'mail', topic: 'answer' },
      ...{ ticketId: mail.ticketId ?? null, text: mail.about, state: 'waiting', nextAt: at, madeAt: at },
      body: sealDirect(sealing, id, { to, subject, text, ...(inReplyTo === undefined ? {} : { inReplyTo }) }),
      ...{ once: `mail ${mail.idempotencyKey}`, shownTo: maskEmail(to) },
    })
    .onConflictDoNothing()
    .returning({ id: noticeDeliveries.id });
  if (made.length === 0) return undefined;
  return { deliveryId: id, messageId: messageIdOf(sealing, id, String(channel.config.from)) };
};
