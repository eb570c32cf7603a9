import { and, asc, eq } from 'drizzle-orm';
import { withTenant } from '../db/index.js';
import { users } from '../modules/access/tables.js';
import type { VerbContext } from '../modules/access/verb-context.js';
import { listCategoryTrees } from '../modules/categories/verbs/list-category-trees.js';
import { setCategoryTree } from '../modules/categories/verbs/set-category-tree.js';
import type { Office } from '../modules/offices/contract.js';
import { createOffice } from '../modules/offices/verbs/create-office.js';
import { listOffices } from '../modules/offices/verbs/list-offices.js';
import { setOfficeAreas, setOfficeCategories, setOfficeMembers } from '../modules/offices/verbs/set-office-parts.js';
import type { Place } from '../modules/places/contract.js';
import { listPlaces } from '../modules/places/verbs/list-places.js';
import { type DemoOffice, demoCategories, demoOffices, demoTree } from './demo-organisation.js';
import { seedTicketForm } from './seed-ticket-form.js';

/** Half the side of the demo grid, in degrees: about five hundred metres. */
const gridHalf = 0.005;

/**
 * Offices, what each looks after, and a tree of categories; the first person leads them all, so that one newcomer can walk a ticket’s
 * whole circle alone. By the verbs that people use; what is there already stays as they left it.
 */
export const seedTicketBase = async (ctx: VerbContext, { hallId }: { readonly hallId: string }): Promise<void> => {
  const { items: trees } = await listCategoryTrees(ctx);
  if (!trees.some(({ tree }) => tree === demoTree)) {
    await setCategoryTree(ctx, { ...demoCategories, tree: demoTree, version: 0 });
  }
  const first = await firstPerson(ctx);
  const places = await listPlaces(ctx, { archived: true });
  const hall = places.find(({ id }) => id === hallId);
  const { items } = await listOffices(ctx, { archived: true });
  const byCode = new Map(items.map((one) => [one.code, one]));
  for (const demo of demoOffices) {
    if (!byCode.has(demo.code)) byCode.set(demo.code, await seedOffice(ctx, demo, { byCode, first, hall }));
  }
  const fallback = items.find(({ isFallback }) => isFallback);
  if (fallback && fallback.members.length === 0 && first !== undefined) {
    const members = [{ userId: first, isLeader: true, skills: [] }];
    await setOfficeMembers(ctx, { officeId: fallback.id, version: fallback.version, members });
  }
  await seedTicketForm(ctx, { hallId });
};

const seedOffice = async (
  ctx: VerbContext,
  demo: DemoOffice,
  to: {
    readonly byCode: ReadonlyMap<string, Office>;
    readonly first: string | undefined;
    readonly hall: Place | undefined;
  },
): Promise<Office> => {
  const { code, name, calendar } = demo;
  const above = demo.above === null ? undefined : to.byCode.get(demo.above);
  const parentId = above?.archivedAt === null ? above.id : null;
  const { id: officeId } = await createOffice(ctx, { code, name, calendar, parentId, hallId: null, regionId: null });
  const areas = areasOf(demo, to.hall);
  if (areas.length > 0) await setOfficeAreas(ctx, { officeId, version: 1, areas });
  const categories = demo.categories.map((one) => ({ tree: demoTree, code: one }));
  const version = areas.length > 0 ? 2 : 1;
  const { version: next } = await setOfficeCategories(ctx, { officeId, version, categories });
  const members = to.first === undefined ? [] : [{ userId: to.first, isLeader: true, skills: [...demo.skills] }];
  return setOfficeMembers(ctx, { officeId, version: next, members });
};

const areasOf = ({ purposes, hasGrid }: DemoOffice, hall: Place | undefined) => {
  const bare = { purpose: null, name: null, hallId: null, regionId: null, polygon: null };
  const regionId = hall?.parentId ?? null;
  const regions = regionId === null ? [] : purposes.map((purpose) => ({ ...bare, purpose, regionId }));
  const at = hasGrid ? hall?.location : undefined;
  if (!at) return regions;
  const [west, east, south, north] = [at.lon - gridHalf, at.lon + gridHalf, at.lat - gridHalf, at.lat + gridHalf];
  const polygon: [number, number][] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
  return [...regions, { ...bare, name: '一号网格', polygon }];
};

const firstPerson = async (ctx: VerbContext): Promise<string | undefined> => {
  const [found] = await withTenant(
    ctx.db,
    ctx.actor,
    (tx) =>
      tx
        .select({ id: users.id })
        .from(users)
        .where(and(eq(users.tenantId, ctx.actor.tenantId), eq(users.state, 'active')))
        .orderBy(asc(users.createdAt), asc(users.id))
        .limit(1),
    { readOnly: true },
  );
  return found?.id;
};
