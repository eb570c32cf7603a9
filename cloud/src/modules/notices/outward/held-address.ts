import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { DeliveryRow } from '../tables.js';
import { requireChannels } from './verbs/channels.js';

type Bounced = Pick<DeliveryRow, 'tenantId' | 'id' | 'toHash' | 'shownTo'>;

/**
 * RFC 3463: there is no such address (5.1, but for 5.1.7 and 5.1.8, which speak of the sender), its mailbox is closed (5.2.1), nobody takes
 * its mail (5.4.4). A full mailbox, a mail too large or refused (5.7) says nothing of the next.
 */
export const isOfAddress = (status: string | null): boolean => /^5\.(?:1\.(?![78]$)\d+|2\.1|4\.4)$/.test(status ?? '');

/** What a server says at once, `550 5.1.1 …`, is as good as a mail that comes back. */
export const statusIn = (answer: string | null): string | null =>
  /^5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(answer ?? '')?.[1] ?? null;

/** Nothing more goes to the address of that mail. False: whose it was is not known. */
export const holdAddress = async (tx: Tx, { tenantId, id, toHash, shownTo }: Bounced, at: Date): Promise<boolean> => {
  if (toHash === null) return false;
  await tx.$client.query(
    `INSERT INTO notice_bounces (tenant_id, hash, delivery_id, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, hash) DO UPDATE SET delivery_id = excluded.delivery_id, at = excluded.at`,
    [tenantId, toHash, id, at],
  );
  await audit(
    tx,
    { actor: systemActor(tenantId, '退信'), request: null },
    { action: 'noticechannel.address_held', target: { kind: 'noticedelivery', id, name: shownTo } },
  );
  return true;
};

/** What came back from there, and when; undefined: nothing did. */
export const readHold = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly hash: Buffer },
): Promise<{ readonly deliveryId: string; readonly code: string | null; readonly at: Date } | undefined> => {
  const { rows } = await tx.$client.query<{ deliveryId: string; code: string | null; at: Date }>(
    `SELECT b.delivery_id AS "deliveryId", d.code, b.at FROM notice_bounces b
     JOIN notice_deliveries d ON d.tenant_id = b.tenant_id AND d.id = b.delivery_id WHERE b.tenant_id = $1 AND b.hash = $2`,
    [of.tenantId, of.hash],
  );
  return rows[0];
};

/** Mails go there again. `of`: the notice that came back. Errors: `not_found` where nothing is held because of it. */
export const liftHold = (ctx: VerbContext, { deliveryId }: { readonly deliveryId: string }): Promise<void> => {
  requireChannels(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const { rows } = await tx.$client.query<{ shown: string | null }>(
      `DELETE FROM notice_bounces b USING notice_deliveries d WHERE b.tenant_id = $1 AND b.delivery_id = $2
         AND d.tenant_id = b.tenant_id AND d.id = b.delivery_id RETURNING d.shown_to AS shown`,
      [ctx.actor.tenantId, deliveryId],
    );
    const [held] = rows;
    if (!held) throw new HubError('not_found', 'No address is held because of that notice');
    await audit(tx, ctx, {
      action: 'noticechannel.hold_lifted',
      target: { kind: 'noticedelivery', id: deliveryId, name: held.shown },
    });
  });
};
