import { type Clock, type Label, uuidv7 } from '@hallhub/shared';
import { and, eq, inArray } from 'drizzle-orm';
import { afterCommit, type Tx } from '../../../db/index.js';
import type { LivePublisher } from '../../live/live-port.js';
import { PartyBook } from '../../offices/party-book.js';
import type { Sealing } from '../../pki/sealing.js';
import { kindOf } from '../../tickets/store/change-ticket.js';
import { loadTicket } from '../../tickets/store/load-ticket.js';
import { addressHash } from '../contact/sealed-phone.js';
import { noticeNew } from '../notice-new.js';
import { type DeliveryRow, noticeDeliveries, notices } from '../tables.js';
import { peopleToTell } from '../whom-to-tell.js';
import { holdAddress, isOfAddress } from './held-address.js';
import { maskEmail } from './mask-address.js';
import { deliveryOf } from './message-id.js';
import { shortDetail } from './sent.js';

/** What a mail server wrote of a mail of ours. */
export interface DeliveryReport {
  readonly action: 'failed' | 'delayed' | 'delivered';
  /** RFC 3463, `5.1.1`; null where it says none. */
  readonly status: string | null;
  readonly detail: string | null;
  /** At which address it ended (RFC 3464, Final-Recipient): another than it was sent to, where that one forwards. Null: it does not say. */
  readonly finalRecipient: string | null;
  /** Message-IDs of what it may be about, with their brackets. */
  readonly about: readonly string[];
}

interface BounceDeps {
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly sealing: Sealing;
}

/** Why a mail came back, by the code that it is shown under. */
export const bounceCode = (status: string | null): string => {
  const [, subject = '', detail = ''] = status?.split('.') ?? [];
  if (subject === '1') return 'bounced_address';
  if (subject === '2') return detail === '2' ? 'bounced_full' : 'bounced_closed';
  if (subject === '4') return 'bounced_unreachable';
  if (subject === '7') return 'bounced_refused';
  return 'bounced';
};

const reasons: Readonly<Record<string, Required<Label>>> = {
  bounced_address: { zh: '地址不存在', en: 'there is no such address' },
  bounced_full: { zh: '对方邮箱已满', en: 'the mailbox is full' },
  bounced_closed: { zh: '对方邮箱已停用', en: 'the mailbox is closed' },
  bounced_unreachable: { zh: '对方服务器连不上', en: 'their server cannot be reached' },
  bounced_refused: { zh: '对方服务器拒收', en: 'their server refuses it' },
  bounced_forwarded: { zh: '该地址转发到的地址收不到', en: 'the address that it is forwarded to does not take it' },
  bounced: { zh: '被退回', en: 'it came back' },
};

/**
 * Notes what became of a mail after it was handed over, and tells who has to know that it came back. Undefined: it is about none of
 * this organisation’s mails.
 */
export const noteBounce = async (
  tx: Tx,
  deps: BounceDeps,
  { tenantId, report }: { readonly tenantId: string; readonly report: DeliveryReport },
): Promise<{ readonly ticketId: string | null } | undefined> => {
  const ids = report.about.flatMap((messageId) => deliveryOf(deps.sealing, messageId) ?? []);
  if (ids.length === 0) return undefined;
  const { tenantId: ofTenant, id, channel } = noticeDeliveries;
  const [row] = await tx
    .select()
    .from(noticeDeliveries)
    .where(and(eq(ofTenant, tenantId), inArray(id, ids), eq(channel, 'email')))
    .limit(1)
    .for('update');
  if (!row) return undefined;
  const ended = endOf(deps, row, report);
  const change = changeOf(row, report, { ended, now: new Date(deps.clock.now()) });
  if (change) await tx.update(noticeDeliveries).set(change).where(eq(noticeDeliveries.id, row.id));
  if (change?.state === 'failed') {
    const isHeld =
      ended === 'there' && isOfAddress(report.status) && (await holdAddress(tx, row, new Date(deps.clock.now())));
    await tell(tx, deps, { row, code: change.code ?? 'bounced', isHeld });
  }
  return { ticketId: row.ticketId };
};

/** Whether it ended where we sent it, or at an address behind that one, whose end says nothing of it. */
const endOf = ({ sealing }: BounceDeps, row: DeliveryRow, { finalRecipient }: DeliveryReport): End => {
  if (finalRecipient === null || row.toHash === null) return 'unknown';
  return addressHash(sealing, row.tenantId, finalRecipient).equals(row.toHash) ? 'there' : 'behind';
};
type End = 'there' | 'behind' | 'unknown';

/** That it came back outweighs that it was taken, or delivered to a gateway. */
const changeOf = (
  row: DeliveryRow,
  report: DeliveryReport,
  { ended, now }: { readonly ended: End; readonly now: Date },
): Partial<DeliveryRow> | undefined => {
  const detail = detailOf(report);
  const isUnderWay = row.state === 'sent' || row.state === 'unknown';
  switch (report.action) {
    case 'delayed':
      return isUnderWay ? { code: 'delayed', detail } : undefined;
    case 'delivered':
      return isUnderWay ? { state: 'delivered', code: null, detail: null, doneAt: now } : undefined;
    case 'failed':
      // Waiting: whoever sent it was killed before they could say so, and it is not sent again.
      if (!isUnderWay && row.state !== 'delivered' && row.state !== 'waiting') return undefined;
      return {
        ...{
          state: 'failed',
          code: ended === 'behind' ? 'bounced_forwarded' : bounceCode(report.status),
          detail,
          doneAt: now,
        },
        ...{ nextAt: null, leasedTill: null, lease: null },
      };
  }
};

/** In the server’s own words, but without whose address it is. */
const detailOf = ({ status, detail }: DeliveryReport): string | null => {
  const said = detail?.replace(/[^\s<>()[\]:;,"']{1,64}@[^\s<>()[\]:;,"']{1,190}/g, (address) => maskEmail(address));
  return shortDetail([status, said].filter(Boolean).join(' ')) || null;
};

interface CameBack {
  readonly row: DeliveryRow;
  readonly code: string;
  /** Nothing more goes to that address. */
  readonly isHeld: boolean;
}

const heldWords = {
  person: {
    zh: '。系统不再向它发邮件，更正后可在“我的账号”里恢复',
    en: '. No more mail goes there; once it is right, have it sent again in your account',
  },
  other: { zh: '。系统不再向它发邮件，请用其他方式告知对方', en: '. No more mail goes there: reach them another way' },
} as const;
const loose = {
  person: { zh: '。请联系管理员核对邮箱地址', en: '. Ask an administrator to check it' },
  other: { zh: '。请用其他方式告知对方', en: '. Reach them another way' },
} as const;

const tell = async (tx: Tx, deps: BounceDeps, { row, code, isHeld }: CameBack): Promise<void> => {
  const { tenantId, ticketId } = row;
  const { number, people } = await toldOf(tx, deps, row);
  if (people.length === 0) return;
  const why = reasons[code] ?? { zh: '被退回', en: 'it came back' };
  const to = row.shownTo ?? '';
  const isPerson = row.addressee === 'person';
  const next = (isHeld ? heldWords : loose)[isPerson ? 'person' : 'other'];
  const text: Label = isPerson
    ? {
        zh: `发到您邮箱 ${to} 的通知没有送达：${why.zh}${next.zh}`,
        en: `A notice to your address ${to} did not arrive: ${why.en}${next.en}`,
      }
    : {
        zh: `${number} 发给 ${to} 的邮件没有送达：${why.zh}${next.zh}`,
        en: `${number} A mail to ${to} did not arrive: ${why.en}${next.en}`,
      };
  const made = await tx
    .insert(notices)
    .values(
      people.map((personId) => ({
        ...{ id: uuidv7(), tenantId, personId, ticketId, rule: 'mail_bounced', text },
        ...{ once: `bounced ${row.id}`, madeAt: new Date(deps.clock.now()) },
      })),
    )
    .onConflictDoNothing()
    .returning({ personId: notices.personId });
  if (made.length === 0) return;
  const told = made.map(({ personId }) => personId);
  afterCommit(tx, () => deps.live.publish(noticeNew(tenantId, told)));
};

/** Whoever it was for; of a requester’s, whose turn the ticket is, or who last did something with it. */
const toldOf = async (
  tx: Tx,
  { clock }: BounceDeps,
  { tenantId, ticketId, addressee, personId }: DeliveryRow,
): Promise<{ readonly number: string; readonly people: readonly string[] }> => {
  if (addressee === 'person') return { number: '', people: personId === null ? [] : [personId] };
  if (ticketId === null) return { number: '', people: [] };
  const ticket = await loadTicket(tx, { tenantId, ticketId });
  const { kind } = await kindOf(tx, ticket);
  const book = await PartyBook.load(tx, tenantId, clock.now());
  const people = peopleToTell(book, { ticket, kind, state: ticket.sealed }, [{ kind: 'holders' }], 'system');
  if (people.length > 0) return { number: ticket.number, people };
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT u.id FROM ticket_history h JOIN users u ON u.tenant_id = h.tenant_id AND u.id::text = h.by AND u.state = 'active'
     WHERE h.tenant_id = $1 AND h.ticket_id = $2 ORDER BY h.seq DESC LIMIT 1`,
    [tenantId, ticketId],
  );
  return { number: ticket.number, people: rows.map(({ id }) => id) };
};
