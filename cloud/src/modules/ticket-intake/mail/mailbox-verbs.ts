import { HubError, isHubError, type Label, uuidv7 } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { isForeignKeyViolation, isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import { maskEmail } from '../../notices/outward/mask-address.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { CreateMailbox, EditMailbox, Mailbox, MailLetter, TryMailbox } from './contract.js';
import { type MailDeps, openHead, openPassword, sealPassword } from './mail-deps.js';
import { invalid, mappingOf } from './mail-mapping.js';
import { tryAccount } from './open-imap.js';
import { type MailboxRow, mailboxes } from './tables.js';

const requireRight = ({ actor }: VerbContext): void => actor.require('ticketkind.write', 'tenant');
const toView = (row: MailboxRow, kindLabel: Label, letters: Mailbox['letters']): Mailbox => ({
  ...{ id: row.id, name: row.name, address: row.address, host: row.host, port: row.port, security: row.security },
  ...{ userName: row.userName, ca: row.ca, folder: row.folder, kind: row.kind, kindLabel, hallId: row.hallId },
  ...{
    mapping: row.mapping,
    acknowledge: row.acknowledge,
    enabled: row.enabled,
    state: row.state,
    failure: row.failure,
  },
  ...{
    detail: row.detail,
    failures: row.failures,
    stateAt: row.stateAt?.toISOString() ?? null,
    letters,
    version: row.version,
  },
  ...{ nextAt: row.nextAt.toISOString(), lookedAt: row.lookedAt?.toISOString() ?? null },
});

const viewOf = async (tx: Tx, row: MailboxRow): Promise<Mailbox> => {
  const published = await readKind(tx, row.tenantId, row.kind);
  const { rows } = await tx.$client.query<{ state: keyof Mailbox['letters']; count: number }>(
    `SELECT state, count(*)::int AS count FROM mail_letters WHERE mailbox_id = $1 AND reason IS DISTINCT FROM 'acknowledged' GROUP BY state`,
    [row.id],
  );
  const counts = { made: 0, added: 0, aside: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return toView(row, published?.kind.label ?? { zh: row.kind }, counts);
};

const find = async (tx: Tx, mailboxId: string, lock = false): Promise<MailboxRow> => {
  const asked = tx
    .select()
    .from(mailboxes)
    .where(and(eq(mailboxes.id, mailboxId), isNull(mailboxes.archivedAt)));
  const [row] = lock ? await asked.for('update') : await asked;
  if (!row) throw new HubError('not_found', 'There is no such mailbox');
  return row;
};

export const listMailboxes = (ctx: VerbContext): Promise<{ items: Mailbox[] }> => {
  requireRight(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx.select().from(mailboxes).where(isNull(mailboxes.archivedAt)).orderBy(asc(mailboxes.name));
      const items: Mailbox[] = [];
      for (const row of rows) items.push(await viewOf(tx, row));
      return { items };
    },
    { readOnly: true },
  );
};

const refuse = (error: unknown): never => {
  if (isUniqueViolation(error))
    throw new HubError('conflict', 'This folder is read already', { cause: error, context: { reason: 'taken' } });
  if (isForeignKeyViolation(error)) throw invalid('hallId', 'There is no such hall');
  throw error;
};

/** Letters that come from now on become tickets. Errors: `invalid_input`, `conflict` where the folder is read already. */
export const createMailbox = (
  ctx: VerbContext,
  deps: MailDeps,
  { password, ...input }: CreateMailbox,
): Promise<Mailbox> => {
  requireRight(ctx);
  const id = uuidv7();
  const at = new Date(ctx.clock.now());
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const mapping = await mappingOf(tx, ctx, input);
    const [row] = await tx
      .insert(mailboxes)
      .values({
        ...{ ...input, id, tenantId: ctx.actor.tenantId, mapping, nextAt: at, createdAt: at, updatedAt: at },
        password: sealPassword(deps.sealing, id, password),
      })
      .returning();
    if (!row) throw new HubError('bug', 'the mailbox just made is not there');
    await audit(tx, ctx, {
      action: 'mailbox.created',
      target: { kind: 'mailbox', id, name: row.name },
      ...{ hallId: row.hallId, after: { ...input, mapping } },
    });
    return viewOf(tx, row);
  }).catch(refuse);
};

interface Named {
  readonly mailboxId: string;
  readonly version: number;
}
const watched = [
  'name',
  'address',
  'host',
  'port',
  'security',
  'userName',
  'folder',
  'kind',
  'hallId',
  'mapping',
  'acknowledge',
  'enabled',
] as const;

/** Errors: `not_found`, `precondition_failed`, `invalid_input`: a password never goes to another server than it was given for. */
export const editMailbox = (
  ctx: VerbContext,
  deps: MailDeps,
  input: Named & { readonly change: EditMailbox },
): Promise<Mailbox> => {
  requireRight(ctx);
  const { password, ...change } = input.change;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await find(tx, input.mailboxId, true);
    if (before.version !== input.version) throw versionConflict(before.version);
    if (password === undefined && isElsewhere(before, change))
      throw invalid('password', 'Another server needs the password again');
    const isOther = isElsewhere(before, change) || before.folder !== change.folder;
    const at = new Date(ctx.clock.now());
    const [row] = await tx
      .update(mailboxes)
      .set({
        ...{ ...change, mapping: await mappingOf(tx, ctx, change, before), updatedAt: at, nextAt: at },
        ...{ state: 'new', failure: null, detail: null, failures: 0, stateAt: at, lease: null, leasedTill: null },
        ...(password === undefined ? {} : { password: sealPassword(deps.sealing, before.id, password) }),
        ...(isOther ? { uidValidity: null, lastUid: null } : {}),
        version: sql`${mailboxes.version} + 1`,
      })
      .where(eq(mailboxes.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the mailbox just locked is gone');
    await audit(tx, ctx, {
      action: 'mailbox.changed',
      target: { kind: 'mailbox', id: row.id, name: row.name },
      ...{ hallId: row.hallId, ...differences(before, row, [...watched]) },
    });
    return viewOf(tx, row);
  }).catch(refuse);
};

const isElsewhere = (before: MailboxRow, now: Pick<EditMailbox, 'host' | 'port' | 'security' | 'userName'>): boolean =>
  before.host !== now.host ||
  before.port !== now.port ||
  before.security !== now.security ||
  before.userName !== now.userName;

export const archiveMailbox = (ctx: VerbContext, { mailboxId, version }: Named): Promise<void> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await find(tx, mailboxId, true);
    if (before.version !== version) throw versionConflict(before.version);
    await tx
      .update(mailboxes)
      // Nobody needs the password any more.
      .set({
        archivedAt: new Date(ctx.clock.now()),
        enabled: false,
        password: Buffer.of(),
        version: sql`${mailboxes.version} + 1`,
      })
      .where(eq(mailboxes.id, mailboxId));
    await audit(tx, ctx, {
      action: 'mailbox.archived',
      target: { kind: 'mailbox', id: before.id, name: before.name },
      hallId: before.hallId,
    });
  });
};

/** Whether one could sign in, and what is in the way; nothing of it is stored. */
export const tryMailbox = async (ctx: VerbContext, deps: MailDeps, { mailboxId, password, ...server }: TryMailbox) => {
  requireRight(ctx);
  const known = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = mailboxId === undefined ? undefined : await find(tx, mailboxId);
    await audit(tx, ctx, {
      action: 'mailbox.tested',
      target: { kind: 'mailbox', id: found?.id ?? null, name: found?.name ?? server.host },
      after: { host: server.host, port: server.port, userName: server.userName },
    });
    return found;
  });
  const secret =
    password ??
    (known && !isElsewhere(known, server) ? openPassword(deps.sealing, known.id, known.password) : undefined);
  if (secret === undefined) throw invalid('password', 'Another server needs the password again');
  try {
    const { letters } = await tryAccount({ ...server, password: secret }, deps.allowPrivate);
    return { ok: true, failure: null, detail: null, letters };
  } catch (error) {
    if (!isHubError(error, 'link_refused')) throw error;
    return { ok: false, failure: String(error.context.failure), detail: error.message, letters: null };
  }
};

/** What became of letters, newest first. */
export const listLetters = (
  ctx: VerbContext,
  deps: MailDeps,
  {
    mailboxId,
    state,
    limit,
    cursor,
  }: PageQuery & { readonly mailboxId: string; readonly state?: MailLetter['state'] | undefined },
): Promise<Page<MailLetter>> => {
  requireRight(ctx);
  const after = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const isOpen = ctx.actor.can('ticket.personal', 'tenant');
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      await find(tx, mailboxId);
      const { rows } = await tx.$client.query<{
        id: string;
        state: MailLetter['state'];
        reason: string | null;
        ticket_id: string | null;
        number: string | null;
        head: Buffer;
        at: Date;
      }>(
        `SELECT m.id, m.state, m.reason, m.ticket_id, t.number, m.head, m.at FROM mail_letters m LEFT JOIN tickets t ON t.tenant_id = m.tenant_id AND t.id = m.ticket_id
         WHERE m.mailbox_id = $1 AND m.reason IS DISTINCT FROM 'acknowledged' AND ($2::text IS NULL OR m.state = $2)
           AND ($3::timestamptz IS NULL OR (m.at, m.id) < ($3, $4::uuid)) ORDER BY m.at DESC, m.id DESC LIMIT $5`,
        [mailboxId, state ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
      );
      return toPage(rows, limit, {
        item: (row): MailLetter => {
          const { from, subject } = openHead(deps.sealing, row.id, row.head);
          return {
            ...{ id: row.id, state: row.state, reason: row.reason, at: row.at.toISOString() },
            ticket: row.ticket_id && row.number ? { id: row.ticket_id, number: row.number } : null,
            ...{ from: isOpen ? from : maskEmail(from), subject: isOpen ? subject : '***' },
          };
        },
        key: ({ at, id }) => [at.toISOString(), id],
      });
    },
    { readOnly: true },
  );
};
