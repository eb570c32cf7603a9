import { createHash } from 'node:crypto';
import { HubError, uuidv7 } from '@hallhub/shared';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { SetOwnStandIns, SetStandIns, StandIn, StandInList } from '../contract.js';
import { invalidAt } from '../read-offices.js';
import { standIns } from '../tables.js';

type Wanted = SetStandIns['items'][number];
type Row = typeof standIns.$inferSelect;

/** Which tell of nothing but the past go when the list is next written. */
const keptAfterMs = 400 * 86_400_000;

const readRows = (tx: Tx, tenantId: string, userId?: string): Promise<Row[]> =>
  tx
    .select()
    .from(standIns)
    .where(and(eq(standIns.tenantId, tenantId), userId === undefined ? undefined : eq(standIns.userId, userId)))
    .orderBy(asc(standIns.fromAt), asc(standIns.id));

/** Nine digits of the list’s hash: it has no row of its own to count changes in. */
const fingerprint = (rows: readonly Row[]): number => {
  const text = JSON.stringify(
    rows.map(({ id, userId, standInId, fromAt, untilAt }) => [id, userId, standInId, fromAt, untilAt]),
  );
  return createHash('sha256').update(text).digest().readUInt32BE(0) % 1_000_000_000;
};

const toList = async (tx: Tx, tenantId: string, rows: readonly Row[]): Promise<StandInList> => {
  const ids = [...new Set(rows.flatMap(({ userId, standInId }) => [userId, standInId]))];
  const people = await tx
    .select({ id: users.id, name: users.displayName })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.id, ids)));
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const item = (row: Row): StandIn => ({
    ...{ id: row.id, userId: row.userId, userName: names.get(row.userId) ?? '' },
    ...{ standInId: row.standInId, standInName: names.get(row.standInId) ?? '' },
    ...{ from: row.fromAt.toISOString(), until: row.untilAt.toISOString() },
  });
  return { items: rows.map(item), version: fingerprint(rows) };
};

export const listStandIns = (ctx: VerbContext): Promise<StandInList> =>
  withTenant(ctx.db, ctx.actor, async (tx) => toList(tx, ctx.actor.tenantId, await readRows(tx, ctx.actor.tenantId)), {
    readOnly: true,
  });

/** Rows that stay keep their ids; what is new is checked. */
const replace = async (
  tx: Tx,
  ctx: VerbContext,
  { before, wanted }: { readonly before: readonly Row[]; readonly wanted: readonly Wanted[] },
): Promise<void> => {
  const { tenantId } = ctx.actor;
  const ids = [...new Set(wanted.flatMap(({ userId, standInId }) => [userId, standInId]))];
  const known = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), inArray(users.id, ids)));
  const all = new Set(known.map(({ id }) => id));
  for (const [i, one] of wanted.entries()) {
    if (!all.has(one.userId)) throw invalidAt(`items.${i}.userId`, 'There is no such person');
    if (!all.has(one.standInId)) throw invalidAt(`items.${i}.standInId`, 'There is no such person');
  }
  const oldest = ctx.clock.now() - keptAfterMs;
  const key = (one: Wanted) => `${one.userId} ${one.standInId} ${Date.parse(one.from)} ${Date.parse(one.until)}`;
  const left = new Map(wanted.filter(({ until }) => Date.parse(until) > oldest).map((one) => [key(one), one]));
  const gone = before.filter((row) => {
    const at = key({ ...row, from: row.fromAt.toISOString(), until: row.untilAt.toISOString() });
    return !left.delete(at);
  });
  if (gone.length > 0) {
    const goneIds = gone.map(({ id }) => id);
    await tx.delete(standIns).where(and(eq(standIns.tenantId, tenantId), inArray(standIns.id, goneIds)));
  }
  const added = [...left.values()].map(({ userId, standInId, from, until }) => ({
    ...{ id: uuidv7(), tenantId, userId, standInId, fromAt: new Date(from), untilAt: new Date(until) },
  }));
  if (added.length > 0) await tx.insert(standIns).values(added);
};

/** One at a time in an organisation: the list has no row that could be locked. */
const lockList = (tx: Tx, tenantId: string): Promise<unknown> =>
  tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('stand_ins ' || ${tenantId}, 0))`);

/** The whole list in place of what was there. Errors: `precondition_failed`, `invalid_input`. */
export const setStandIns = (
  ctx: VerbContext,
  { items, version }: SetStandIns & { readonly version: number },
): Promise<StandInList> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    ctx.actor.require('office.write', 'tenant');
    const { tenantId } = ctx.actor;
    await lockList(tx, tenantId);
    const before = await readRows(tx, tenantId);
    const now = fingerprint(before);
    if (now !== version) throw versionConflict(now);
    await replace(tx, ctx, { before, wanted: items });
    const list = await toList(tx, tenantId, await readRows(tx, tenantId));
    await audit(tx, ctx, {
      action: 'stand_ins.changed',
      target: { kind: 'stand_ins', id: null },
      before: { items: (await toList(tx, tenantId, before)).items },
      after: { items: list.items },
    });
    return list;
  });

export const listOwnStandIns = (ctx: VerbContext): Promise<StandInList> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => toList(tx, ctx.actor.tenantId, await readRows(tx, ctx.actor.tenantId, ownId(ctx))),
    { readOnly: true },
  );

/** Who does my tasks while I am away. Last writer wins: they are one person’s own. */
export const setOwnStandIns = (ctx: VerbContext, { items }: SetOwnStandIns): Promise<StandInList> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const userId = ownId(ctx);
    const self = items.findIndex(({ standInId }) => standInId === userId);
    if (self >= 0) throw invalidAt(`items.${self}.standInId`, 'Nobody stands in for themselves');
    await lockList(tx, tenantId);
    const before = await readRows(tx, tenantId, userId);
    await replace(tx, ctx, { before, wanted: items.map((one) => ({ ...one, userId })) });
    const list = await toList(tx, tenantId, await readRows(tx, tenantId, userId));
    await audit(tx, ctx, {
      action: 'stand_ins.own_changed',
      target: { kind: 'user', id: userId, name: ctx.actor.userName },
      before: { items: (await toList(tx, tenantId, before)).items },
      after: { items: list.items },
    });
    return list;
  });

const ownId = ({ actor }: VerbContext): string => {
  if (actor.userId === null) throw new HubError('forbidden', 'This is for people who signed in');
  return actor.userId;
};
