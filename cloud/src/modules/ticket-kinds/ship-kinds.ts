import { createHash } from 'node:crypto';
import type { Clock } from '@hallhub/shared';
import { type TicketKind, ticketKindSchema, type WorkCalendar } from '@hallhub/shared/ticket';
import { and, eq, sql } from 'drizzle-orm';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { systemActor } from '../access/actor.js';
import { audit } from '../audit/audit.js';
import { officeCalendar } from '../calendars/office-calendar.js';
import { workCalendars } from '../calendars/tables.js';
import { findVersion } from './read-kinds.js';
import { readShippedKinds } from './read-shipped-kinds.js';
import { ticketKinds, ticketKindVersions } from './tables.js';

const shippedBy = '系统';
/** Any constant will do, as long as every process takes the same lock. */
const lockKey = 4_702_111_241;

interface Shipped {
  readonly kind: TicketKind;
  readonly sha256: Buffer;
}

const hashed = (kind: TicketKind): Shipped => ({
  kind,
  sha256: createHash('sha256').update(JSON.stringify(kind)).digest(),
});

/**
 * Every organisation has the kinds and the calendar that come with the software: what it lacks is made and published; where a file is
 * newer than what was taken over, it is offered as a draft, which people look at and publish themselves. Run at each start.
 */
export const ensureShippedKinds = async (
  db: Database,
  { clock, kinds = readShippedKinds() }: { readonly clock: Clock; readonly kinds?: readonly TicketKind[] },
): Promise<void> => {
  const shipped = kinds.map(hashed);
  const calendar = officeCalendar();
  const { rows } = await withSystem(
    db,
    (tx) => tx.$client.query<{ id: string }>('SELECT id FROM tenants ORDER BY id'),
    {
      readOnly: true,
    },
  );
  for (const { id: tenantId } of rows) {
    await withSystem(db, async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(${lockKey})`);
      await ensureCalendar(tx, tenantId, calendar);
      for (const one of shipped) await ensureKind(tx, { tenantId, now: new Date(clock.now()), ...one });
    });
  }
};

const ensureCalendar = async (tx: Tx, tenantId: string, document: WorkCalendar): Promise<void> => {
  const made = await tx
    .insert(workCalendars)
    .values({ tenantId, code: document.code, document, updatedByName: shippedBy })
    .onConflictDoNothing()
    .returning({ code: workCalendars.code });
  if (made.length === 0) return;
  await audit(tx, asSystem(tenantId), {
    action: 'calendar.created',
    target: { kind: 'calendar', id: document.code, name: document.label.zh },
  });
};

const asSystem = (tenantId: string) => ({ actor: systemActor(tenantId), request: null });

interface Ensure extends Shipped {
  readonly tenantId: string;
  readonly now: Date;
}

const ensureKind = async (tx: Tx, of: Ensure): Promise<void> => {
  const { tenantId, kind, sha256 } = of;
  const at = and(eq(ticketKinds.tenantId, tenantId), eq(ticketKinds.code, kind.code));
  const [row] = await tx.select().from(ticketKinds).where(at).for('update');
  if (!row) return publishFirst(tx, of);
  // Made by people under the same code: it is theirs.
  if (!row.shippedSha256 || row.shippedSha256.equals(sha256)) return;
  const published =
    row.publishedVersion === null ? undefined : await findVersion(tx, tenantId, kind.code, row.publishedVersion);
  // Read by the schema both have their keys in one order, and defaults that it has learned since.
  const known = ticketKindSchema.safeParse(published?.document);
  const isSame = known.success && JSON.stringify(known.data) === JSON.stringify(kind);
  // What somebody works on is not taken from them: the newer one is offered once their draft is out of the way.
  if (!isSame && row.draft !== null && !row.draftIsShipped) return;
  const offer = { draft: kind, draftAt: of.now, draftByName: null, draftIsShipped: true };
  await tx
    .update(ticketKinds)
    .set({ shippedSha256: sha256, ...(isSame ? {} : { ...offer, version: row.version + 1 }) })
    .where(at);
  if (isSame) return;
  await audit(tx, asSystem(tenantId), {
    action: 'ticket_kind.update_offered',
    target: { kind: 'ticket_kind', id: kind.code, name: kind.label.zh },
  });
};

const publishFirst = async (tx: Tx, { tenantId, kind, sha256, now }: Ensure): Promise<void> => {
  const { code } = kind;
  await tx.insert(ticketKinds).values({ tenantId, code, shippedSha256: sha256 });
  await tx
    .insert(ticketKindVersions)
    .values({ tenantId, code, version: 1, document: kind, publishedByName: shippedBy, publishedAt: now });
  await tx
    .update(ticketKinds)
    .set({ publishedVersion: 1 })
    .where(and(eq(ticketKinds.tenantId, tenantId), eq(ticketKinds.code, code)));
  await audit(tx, asSystem(tenantId), {
    action: 'ticket_kind.published',
    target: { kind: 'ticket_kind', id: code, name: kind.label.zh },
    after: { version: 1 },
  });
};
