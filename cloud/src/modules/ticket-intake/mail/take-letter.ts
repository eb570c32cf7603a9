import { createHmac } from 'node:crypto';
import { isHubError, uuidv7 } from '@hallhub/shared';
import { behindSavepoint, type Tx, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { isEmailAddress } from '../../notices/outward/mask-address.js';
import { noteBounce } from '../../notices/outward/note-bounce.js';
import { sendMail } from '../../notices/outward/send-mail.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { keepFile } from '../../tickets/files/keep-file.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { fieldsOf, type Kept, textOf } from './fill-fields.js';
import { type MailDeps, sealHead } from './mail-deps.js';
import { keyOf, type Letter } from './read-letter.js';
import type { MailboxRow } from './tables.js';

/** noted: nobody has to read it, what it says stands where it belongs. */
export type TakenAs = 'made' | 'added' | 'aside' | 'noted' | 'known';

/** Of one address in an hour; more is a program, or a quarrel of two. */
const mostAnHour = 20;

export class NoKind extends Error {}

/**
 * A letter becomes a ticket, a line on its own requester's ticket, or is put aside with its reason; in one transaction with the note
 * of it and how far the folder was read, so that it is taken once. Throws `NoKind` where the kind takes no tickets.
 */
export const takeLetter = async (
  deps: MailDeps,
  mailbox: MailboxRow,
  { letter, uid, aside }: { readonly letter: Letter; readonly uid: number; readonly aside?: string },
): Promise<TakenAs> => {
  const ctx = contextOf(deps, mailbox);
  const sender = senderHash(deps, mailbox.tenantId, letter.from);
  const why = aside ?? (await asideOf(deps, mailbox, letter, sender));
  if (await isKnown(deps, mailbox, letter)) {
    await withTenant(deps.database, mailbox, (tx) => advance(tx, mailbox, uid));
    return 'known';
  }
  const kept = why === undefined ? await keepFiles(ctx, letter) : { ids: [], refused: [] };
  try {
    return await withTenant(deps.database, mailbox, async (tx): Promise<TakenAs> => {
      await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4709))', [letter.key.toString('hex')]);
      const again = await tx.$client.query('SELECT 1 FROM mail_letters WHERE key = $1', [letter.key]);
      await advance(tx, mailbox, uid);
      if (again.rowCount !== 0) return 'known';
      const note = (state: Exclude<TakenAs, 'known' | 'noted'>, of: { ticketId?: string; reason?: string }) =>
        noteLetter(tx, deps, mailbox, { letter, sender, state, ...of });
      if (why !== undefined) {
        const bounced = why === 'bounce' ? await bounceOf(tx, deps, mailbox, letter) : undefined;
        await note('aside', { reason: why, ...(bounced?.ticketId ? { ticketId: bounced.ticketId } : {}) });
        return bounced ? 'noted' : 'aside';
      }
      const answered = await ticketOf(tx, letter, sender);
      if (answered && (await addTo(tx, ctx, { mailbox, answered, letter, kept }))) {
        await note('added', { ticketId: answered.ticketId });
        return 'added';
      }
      const made = await makeOf(tx, ctx, { deps, mailbox, letter, kept });
      await note('made', { ticketId: made.id });
      await acknowledge(tx, deps, { mailbox, letter, made });
      return 'made';
    });
  } catch (error) {
    if (!isHubError(error) || !['invalid_input', 'conflict', 'forbidden', 'not_found'].includes(error.code))
      throw error;
    deps.log.warn({ err: error, mailboxId: mailbox.id }, 'a letter could not become a ticket');
    return takeLetter(deps, mailbox, { letter, uid, aside: 'refused' });
  }
};

const bounceOf = async (tx: Tx, deps: MailDeps, { tenantId }: MailboxRow, { report }: Letter) =>
  report && (await noteBounce(tx, deps, { tenantId, report }));

const contextOf = ({ database: db, clock, live }: MailDeps, { tenantId }: MailboxRow): VerbContext => ({
  ...{ db, clock, live, request: null },
  actor: systemActor(tenantId, '邮件'),
});

const senderHash = ({ sealing }: MailDeps, tenantId: string, from: string): Buffer =>
  createHmac('sha256', sealing.derive('mail sender', 32)).update(`${tenantId}\0${from}`).digest();

const isKnown = ({ database }: MailDeps, mailbox: MailboxRow, { key }: Letter): Promise<boolean> =>
  withTenant(
    database,
    mailbox,
    async (tx) => (await tx.$client.query('SELECT 1 FROM mail_letters WHERE key = $1', [key])).rowCount !== 0,
    { readOnly: true },
  );

const asideOf = async (
  deps: MailDeps,
  mailbox: MailboxRow,
  letter: Letter,
  sender: Buffer,
): Promise<string | undefined> => {
  if (letter.from === '') return 'no_sender';
  if (letter.from === mailbox.userName.toLowerCase() || (await isOurs(deps, mailbox, letter.from))) return 'own';
  if (letter.aside !== undefined) return letter.aside;
  const since = new Date(deps.clock.now() - 3_600_000);
  const { rows } = await withTenant(
    deps.database,
    mailbox,
    (tx) =>
      tx.$client.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM mail_letters WHERE sender = $1 AND at > $2',
        [sender, since],
      ),
    { readOnly: true },
  );
  return (rows[0]?.count ?? 0) >= mostAnHour ? 'too_many' : undefined;
};

/** What this organisation reads or sends mail by: two of its own never answer each other. */
const isOurs = ({ database }: MailDeps, mailbox: MailboxRow, address: string): Promise<boolean> =>
  withTenant(
    database,
    mailbox,
    async (tx) => {
      const { rowCount } = await tx.$client.query(
        `SELECT 1 FROM mailboxes WHERE archived_at IS NULL AND lower(address) = $1
         UNION ALL SELECT 1 FROM notice_channels WHERE archived_at IS NULL AND kind = 'email' AND lower(config->>'from') = $1`,
        [address],
      );
      return rowCount !== 0;
    },
    { readOnly: true },
  );

const advance = async (tx: Tx, { id }: MailboxRow, uid: number): Promise<void> => {
  await tx.$client.query('UPDATE mailboxes SET last_uid = greatest(last_uid, $2) WHERE id = $1', [id, uid]);
};

const noteLetter = async (
  tx: Tx,
  deps: MailDeps,
  mailbox: MailboxRow,
  of: { letter: Letter; sender: Buffer; state: string; ticketId?: string; reason?: string },
): Promise<void> => {
  const id = uuidv7();
  const { from, subject, key } = of.letter;
  await tx.$client.query(
    `INSERT INTO mail_letters (id, tenant_id, mailbox_id, key, sender, state, reason, ticket_id, head, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[id, mailbox.tenantId, mailbox.id, key, of.sender, of.state, of.reason ?? null, of.ticketId ?? null],
      ...[sealHead(deps.sealing, id, { from, subject }), new Date(deps.clock.now())],
    ],
  );
};

/** Through the check that every upload goes through; what is refused is named in the text. Files that no ticket claims go by themselves. */
const keepFiles = async (ctx: VerbContext, { files }: Letter): Promise<Kept> => {
  const ids: string[] = [];
  const refused: string[] = [];
  for (const { name, bytes } of files) {
    const safe = name
      .replace(/[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
      .replace(/^\.+|[. ]+$/g, '');
    try {
      const body = new Blob([Buffer.from(bytes)]).stream() as ReadableStream<Uint8Array>;
      ids.push((await keepFile(ctx, body, { ticketId: null, name: safe === '' ? 'file' : safe })).id);
    } catch (error) {
      if (!isHubError(error) || !['unsupported', 'invalid_input', 'too_large'].includes(error.code)) throw error;
      refused.push(safe);
    }
  }
  return { ids, refused };
};

interface Answered {
  readonly ticketId: string;
  /** Whoever wrote it has seen the first letter, or our answer to it. A sender's address and a number are easily made up. */
  readonly hasSeen: boolean;
}

/** The ticket that it answers, where its sender is the one who wrote about it first: nobody writes on another's. */
const ticketOf = async (tx: Tx, { answers, subject }: Letter, sender: Buffer): Promise<Answered | undefined> => {
  const numbers = [...subject.toUpperCase().matchAll(/[A-Z]{1,8}\d{6,24}/g)].map(([number]) => number).slice(0, 5);
  const { rows } = await tx.$client.query<Answered>(
    `SELECT t.id AS "ticketId", coalesce(a.seen, false) AS "hasSeen" FROM tickets t CROSS JOIN LATERAL
       (SELECT bool_or(m.state = 'made' OR m.reason IS NOT DISTINCT FROM 'acknowledged') AS seen FROM mail_letters m
        WHERE m.ticket_id = t.id AND m.key = ANY($1::bytea[])) a
     WHERE EXISTS (SELECT 1 FROM mail_letters m WHERE m.ticket_id = t.id AND m.sender = $3 AND m.state = 'made')
     AND (t.number = ANY($2::text[]) OR a.seen IS NOT NULL) ORDER BY t.made_at DESC LIMIT 1`,
    [answers.map(keyOf), numbers, sender],
  );
  return rows[0];
};

/** False: it is over, or takes no more words. */
const addTo = async (
  tx: Tx,
  ctx: VerbContext,
  { mailbox, answered, letter, kept }: { mailbox: MailboxRow; answered: Answered; letter: Letter; kept: Kept },
): Promise<boolean> => {
  const { ticketId, hasSeen } = answered;
  const head = hasSeen ? '来信' : '来信（发件人未经核实）';
  const opinion = `${head}：${withoutQuotes(textOf(letter, kept)) || letter.subject || '（无文字）'}`.slice(0, 1_900);
  try {
    await behindSavepoint(tx, async () => {
      await actOnTicket(tx, ctx, { ticketId, command: { do: 'comment', opinion } });
      await putBeside(tx, mailbox, { ticketId, ids: kept.ids });
    });
    return true;
  } catch (error) {
    if (!isHubError(error, 'conflict')) throw error;
    return false;
  }
};

/** What they wrote now: what they answer stands on the ticket already. */
const withoutQuotes = (text: string): string => {
  const lines = text.split('\n');
  const cut = lines.findIndex((line) =>
    /^-{2,} ?(?:original message|原始邮件|回复的原邮件)|^On .{5,200}wrote:$|^在.{5,200}写道[:：]$/i.test(line),
  );
  const own = (cut < 0 ? lines : lines.slice(0, cut)).filter((line) => !line.startsWith('>'));
  return own.join('\n').trim();
};

const makeOf = async (
  tx: Tx,
  ctx: VerbContext,
  { mailbox, letter, kept }: { deps: MailDeps; mailbox: MailboxRow; letter: Letter; kept: Kept },
): Promise<{ readonly id: string; readonly number: string }> => {
  const published = await readKind(tx, mailbox.tenantId, mailbox.kind);
  if (!published) throw new NoKind();
  const fields = fieldsOf(published.kind, mailbox, { letter, kept });
  const made = await makeTicket(tx, ctx, {
    ...{
      kind: mailbox.kind,
      fields: fields as never,
      level: null,
      hallId: mailbox.hallId,
      deviceId: null,
      parentId: null,
    },
    ...{ source: 'email', origin: { system: 'mail', key: letter.key.toString('hex') } },
    requesterName: letter.fromName || letter.from,
  });
  const { files } = mailbox.mapping;
  const claimed = files !== null && Array.isArray(fields[files]) ? (fields[files] as string[]) : [];
  const rest = kept.ids.filter((id) => !claimed.includes(id));
  await putBeside(tx, mailbox, { ticketId: made.id, ids: rest });
  return made;
};

/** What the field for letters’ files has no room for stands beside it, but no less personal. */
const putBeside = async (
  tx: Tx,
  { tenantId, kind: code, mapping }: MailboxRow,
  of: { readonly ticketId: string; readonly ids: readonly string[] },
): Promise<void> => {
  if (of.ids.length === 0) return;
  const field = (await readKind(tx, tenantId, code))?.kind.fields.find(({ key }) => key === mapping.files);
  await tx.$client.query(
    `UPDATE ticket_files f SET ticket_id = t.id, field = CASE WHEN t.kind = $3 THEN $4 END FROM tickets t
     WHERE t.id = $1 AND f.id = ANY($2::uuid[]) AND f.ticket_id IS NULL`,
    [of.ticketId, of.ids, code, field?.personal ? field.key : null],
  );
};

/** Tells the sender the number, where the organisation sends mail; the answer to it finds the ticket again. */
const acknowledge = async (
  tx: Tx,
  deps: MailDeps,
  { mailbox, letter, made }: { mailbox: MailboxRow; letter: Letter; made: { id: string; number: string } },
): Promise<void> => {
  if (!mailbox.acknowledge || !isEmailAddress(letter.from)) return;
  const sent = await sendMail(tx, deps, mailbox.tenantId, {
    about: { zh: `来信已登记为 ${made.number}，告知发件人`, en: `The letter became ${made.number}: told its sender` },
    ...{ to: letter.from, idempotencyKey: `mail-intake ${made.id}`, ticketId: made.id },
    subject: `已收到您的来信 We received your letter [${made.number}]`,
    text: `您的来信已登记，编号 ${made.number}。如需补充，请直接回复此邮件。\n\nYour letter was registered as ${made.number}. To add something, answer this mail.`,
    ...(letter.messageId ? { inReplyTo: letter.messageId } : {}),
  });
  if (!sent) return;
  // Its own letter, so that an answer to it alone is known; without a sender it makes nobody a requester.
  await tx.$client.query(
    `INSERT INTO mail_letters (id, tenant_id, mailbox_id, key, sender, state, reason, ticket_id, head, at)
     VALUES ($1, $2, $3, $4, NULL, 'added', 'acknowledged', $5, $6, $7) ON CONFLICT DO NOTHING`,
    [
      ...[sent.deliveryId, mailbox.tenantId, mailbox.id, keyOf(sent.messageId), made.id],
      ...[
        sealHead(deps.sealing, sent.deliveryId, { from: mailbox.address, subject: made.number }),
        new Date(deps.clock.now()),
      ],
    ],
  );
};
