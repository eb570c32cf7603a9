import { eq } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { defaultZone, loadCalendars } from '../../calendars/calendar-book.js';
import { addressHash } from '../contact/sealed-phone.js';
import { putLink } from '../notice-text.js';
import { type DeliveryRow, noticeDeliveries } from '../tables.js';
import { type Address, addressOf } from './address-of.js';
import { emailConfigSchema, smsConfigSchema } from './channel-config.js';
import { openDirect } from './direct-body.js';
import { readHold } from './held-address.js';
import { carriedBy, lockPerson, takeTurn } from './hourly-bound.js';
import type { OutwardDeps } from './outward-deps.js';
import { ticketLink, unsubscribeLink } from './public-links.js';
import { quietUntil } from './quiet-hours.js';
import type { Message } from './sent.js';
import type { Due } from './take-due.js';

/** `gone`: somebody else has it, or it is within a summary meanwhile. */
export type Prepared =
  | { readonly next: 'send'; readonly message: Message }
  | { readonly next: 'skip'; readonly code: string }
  | { readonly next: 'hold'; readonly code: string; readonly untilMs: number }
  | { readonly next: 'gone' };

/** Looks whether it may leave now, and opens what it needs for that. What is decided is written down with it. */
export const prepare = (deps: OutwardDeps, due: Due): Promise<Prepared> =>
  withTenant(deps.database, due.row, async (tx) => {
    if (isBounded(due.row)) await lockPerson(tx, due.row);
    const [row] = await tx.select().from(noticeDeliveries).where(eq(noticeDeliveries.id, due.row.id)).for('update');
    if (row?.state !== 'waiting' || row.lease !== due.lease) return { next: 'gone' };
    const decided = await decide(tx, deps, { ...due, row });
    const now = new Date(deps.clock.now());
    const free = { leasedTill: null, lease: null };
    const at = eq(noticeDeliveries.id, row.id);
    const { update } = { update: (set: Partial<DeliveryRow>) => tx.update(noticeDeliveries).set(set).where(at) };
    if (decided.next === 'hold') await update({ ...free, code: decided.code, nextAt: new Date(decided.untilMs) });
    if (decided.next === 'skip')
      await update({ ...free, state: 'skipped', code: decided.code, detail: null, nextAt: null, doneAt: now });
    // From here on it counts for its person’s hour, also where it is tried again.
    if (decided.next === 'send' && row.sentAt === null) await update({ sentAt: now });
    return decided;
  });

/** Counts for its person’s hour, and was not counted yet. */
const isBounded = ({ channel, addressee, sentAt }: DeliveryRow): boolean =>
  channel === 'email' && addressee === 'person' && sentAt === null;

const decide = async (tx: Tx, deps: OutwardDeps, due: Due): Promise<Prepared> => {
  const { row, channel } = due;
  const link = row.topic === 'account' ? null : ticketLink(deps, row);
  if (row.channel === 'webhook') {
    return { next: 'send', message: plain(row, { text: putLink(row.text.zh, link), link }) };
  }
  const address = await addressOf(tx, deps, row);
  if (typeof address === 'string') return { next: 'skip', code: address };
  const toHash = addressHash(deps.sealing, row.tenantId, address.to);
  await tx.update(noticeDeliveries).set({ shownTo: address.shown, toHash }).where(eq(noticeDeliveries.id, row.id));
  if (row.topic !== 'account' && (await isOptedOut(tx, row, toHash))) return { next: 'skip', code: 'opted_out' };
  if (await readHold(tx, { tenantId: row.tenantId, hash: toHash })) return { next: 'skip', code: 'bounced_before' };
  const held = row.urgent || row.topic === 'account' ? undefined : await heldUntil(tx, deps, due, address);
  if (held) return { next: 'hold', ...held };
  if (isBounded(row)) {
    const { perPersonHourly: most } = emailConfigSchema.parse(channel.config);
    const turn = await takeTurn(tx, { row, most, nowMs: deps.clock.now() });
    if (turn.turn === 'wait') return { next: 'hold', code: 'held', untilMs: turn.untilMs };
  }
  return { next: 'send', message: await messageOf(tx, deps, { row, address, link }) };
};

const isOptedOut = async (tx: Tx, { tenantId }: DeliveryRow, hash: Buffer): Promise<boolean> => {
  const { rowCount } = await tx.$client.query('SELECT 1 FROM notice_optouts WHERE tenant_id = $1 AND hash = $2', [
    tenantId,
    hash,
  ]);
  return rowCount === 1;
};

const heldUntil = async (tx: Tx, { clock }: OutwardDeps, { row, channel }: Due, { prefs }: Address) => {
  const now = clock.now();
  if (row.channel === 'sms') {
    const until = quietUntil(smsConfigSchema.parse(channel.config).quiet, await zoneOf(tx, row), now);
    if (until !== undefined) return { code: 'quiet_hours', untilMs: until };
  }
  if (row.channel === 'webhook' || prefs?.[row.channel]?.workHours !== true) return undefined;
  const office = (await loadCalendars(tx, row.tenantId))('office');
  if (office.workBetween(now, now + 1) > 0) return undefined;
  // The first minute of work; a calendar in which nobody ever works holds nothing up.
  const until = office.after(now, 60_000);
  return until === undefined ? undefined : { code: 'off_hours', untilMs: until - 60_000 };
};

const zoneOf = async (tx: Tx, { ticketId }: DeliveryRow): Promise<string> => {
  if (ticketId === null) return defaultZone;
  const { rows } = await tx.$client.query<{ zone: string }>(
    'SELECT h.time_zone AS zone FROM tickets t JOIN halls h ON h.id = t.hall_id WHERE t.id = $1',
    [ticketId],
  );
  return rows[0]?.zone ?? defaultZone;
};

const plain = (row: DeliveryRow, more: Pick<Message, 'text' | 'link'>): Message => ({
  ...{ id: row.id, to: '', language: 'zh', subject: '', unsubscribe: null, inReplyTo: null },
  ...{ template: `${row.ticketKind ?? 'hallhub'}.${row.rule}`, params: row.params, ...more },
});

const subjectOf = (text: string): string => {
  const [line = ''] = text.split('\n');
  const all = Array.from(line);
  return all.length > 80 ? `${all.slice(0, 79).join('')}…` : line;
};

const messageOf = async (
  tx: Tx,
  deps: OutwardDeps,
  { row, address, link }: { readonly row: DeliveryRow; readonly address: Address; readonly link: string | null },
): Promise<Message> => {
  const { language, to } = address;
  const base = { ...plain(row, { text: '', link: null }), to, language };
  if (row.body) {
    const { subject = '', text, inReplyTo = null } = openDirect(deps.sealing, row.id, row.body);
    return { ...base, subject, text, inReplyTo };
  }
  const template = row.text[language] ?? row.text.zh;
  // A text that places the link itself has it there, else it follows (short messages have no room for what nobody asked for).
  const places = template.includes('{link}');
  const text = putLink(template, link);
  if (row.channel === 'sms') return { ...base, text, link: places ? link : null };
  const unsubscribe = row.addressee === 'person' && row.personId ? unsubscribeLink(deps, row.personId) : null;
  const carried = await carriedBy(tx, row.id);
  if (carried.length === 0) return { ...base, subject: subjectOf(text), text, link: places ? null : link, unsubscribe };
  return {
    ...base,
    ...digestOf([{ text: row.text, ticketId: row.ticketId }, ...carried], { deps, row, language }),
    unsubscribe,
  };
};

const mostInDigest = 50;

const digestOf = (
  all: readonly Pick<DeliveryRow, 'text' | 'ticketId'>[],
  { deps, row, language }: { readonly deps: OutwardDeps; readonly row: DeliveryRow; readonly language: 'zh' | 'en' },
): Pick<Message, 'subject' | 'text' | 'link'> => {
  const lines = all.slice(0, mostInDigest).map(({ text, ticketId }) => {
    const link = ticketLink(deps, { ...row, ticketId });
    return `· ${putLink(text[language] ?? text.zh, '')}${link ? `\n  ${link}` : ''}`;
  });
  const left = all.length - lines.length;
  const zh = language === 'zh';
  const more =
    left === 0 ? [] : [zh ? `另有 ${left} 条，请在系统中查看。` : `and ${left} more, to be read in the console`];
  const subject = zh ? `${all.length} 条工单通知` : `${all.length} notices of tickets`;
  return { subject, text: [...lines, ...more].join('\n'), link: null };
};
