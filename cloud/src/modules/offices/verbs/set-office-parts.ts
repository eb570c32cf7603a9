import { uuidv7 } from '@hallhub/shared';
import { and, eq, inArray } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { halls, regions } from '../../places/tables.js';
import type { Office, OfficeAreas, OfficeCategories, OfficeMembers } from '../contract.js';
import { invalidAt, lockOffice, readOffice } from '../read-offices.js';
import { officeAreas, officeCategories, officeMembers, offices } from '../tables.js';

interface Which {
  readonly officeId: string;
  readonly version: number;
}

/** One part of an office as a whole in place of what was there; the office gets a new version. */
const replacePart = (
  ctx: VerbContext,
  which: Which,
  part: 'members' | 'areas' | 'categories',
  write: (tx: Tx, at: { readonly tenantId: string; readonly officeId: string }) => Promise<void>,
): Promise<Office> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const { officeId, version } = which;
    const { name } = await lockOffice(tx, ctx, which);
    const before = await readOffice(tx, tenantId, officeId);
    await write(tx, { tenantId, officeId });
    await tx
      .update(offices)
      .set({ version: version + 1, updatedAt: new Date(ctx.clock.now()) })
      .where(and(eq(offices.tenantId, tenantId), eq(offices.id, officeId)));
    const after = await readOffice(tx, tenantId, officeId);
    await audit(tx, ctx, {
      action: `office.${part}_changed`,
      target: { kind: 'office', id: officeId, name },
      before: { [part]: before[part] },
      after: { [part]: after[part] },
    });
    return after;
  });

/** Ids that are not among those known: where the first of them stands in the list. */
const firstUnknown = (ids: readonly (string | null)[], known: readonly { readonly id: string }[]): number => {
  const all = new Set(known.map(({ id }) => id));
  return ids.findIndex((id) => id !== null && !all.has(id));
};

export const setOfficeMembers = (
  ctx: VerbContext,
  { members, ...which }: Which & { readonly members: OfficeMembers },
): Promise<Office> =>
  replacePart(ctx, which, 'members', async (tx, at) => {
    const ids = members.map(({ userId }) => userId);
    const known = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.tenantId, at.tenantId), inArray(users.id, ids)));
    const unknown = firstUnknown(ids, known);
    if (unknown >= 0) throw invalidAt(`members.${unknown}.userId`, 'There is no such person');
    await tx
      .delete(officeMembers)
      .where(and(eq(officeMembers.tenantId, at.tenantId), eq(officeMembers.officeId, at.officeId)));
    const rows = members.map((one) => ({ ...at, ...one, skills: [...new Set(one.skills)] }));
    if (rows.length > 0) await tx.insert(officeMembers).values(rows);
  });

export const setOfficeAreas = (
  ctx: VerbContext,
  { areas, ...which }: Which & { readonly areas: OfficeAreas },
): Promise<Office> =>
  replacePart(ctx, which, 'areas', async (tx, at) => {
    const hallIds = areas.map(({ hallId }) => hallId);
    const regionIds = areas.map(({ regionId }) => regionId);
    const named = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null);
    const knownHalls = await tx
      .select({ id: halls.id })
      .from(halls)
      .where(and(eq(halls.tenantId, at.tenantId), inArray(halls.id, named(hallIds))));
    const knownRegions = await tx
      .select({ id: regions.id })
      .from(regions)
      .where(and(eq(regions.tenantId, at.tenantId), inArray(regions.id, named(regionIds))));
    const hall = firstUnknown(hallIds, knownHalls);
    if (hall >= 0) throw invalidAt(`areas.${hall}.hallId`, 'There is no such hall');
    const region = firstUnknown(regionIds, knownRegions);
    if (region >= 0) throw invalidAt(`areas.${region}.regionId`, 'There is no such region');
    await tx
      .delete(officeAreas)
      .where(and(eq(officeAreas.tenantId, at.tenantId), eq(officeAreas.officeId, at.officeId)));
    const rows = areas.map((one) => ({ ...at, ...one, id: uuidv7() }));
    if (rows.length > 0) await tx.insert(officeAreas).values(rows);
  });

/** Codes are not looked up: a tree may come later, and a category that is retired is no reason to lose what was said of it. */
export const setOfficeCategories = (
  ctx: VerbContext,
  { categories, ...which }: Which & { readonly categories: OfficeCategories },
): Promise<Office> =>
  replacePart(ctx, which, 'categories', async (tx, at) => {
    await tx
      .delete(officeCategories)
      .where(and(eq(officeCategories.tenantId, at.tenantId), eq(officeCategories.officeId, at.officeId)));
    const rows = categories.map((one) => ({ ...at, ...one }));
    if (rows.length > 0) await tx.insert(officeCategories).values(rows);
  });
