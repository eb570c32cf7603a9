import { HubError } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import { withTenant } from '../db/index.js';
import type { VerbContext } from '../modules/access/verb-context.js';
import { certificatesInForce, type EnrolmentDeps, makeCode } from '../modules/enrolment/index.js';
import { units } from '../modules/fleet/tables.js';
import { createUnit } from '../modules/fleet/verbs/create-unit.js';
import type { CreatePlace, Place } from '../modules/places/contract.js';
import { createPlace } from '../modules/places/verbs/create-place.js';
import { listPlaces } from '../modules/places/verbs/list-places.js';

export interface DemoUnit {
  readonly unitId: string;
  /** A code to enrol with: where the unit has no certificate in force, or a new one was asked for. */
  readonly enrolment?: { readonly code: string; readonly gateway: string };
  readonly hallId: string;
  readonly hallName: string;
}

export interface SeedDemoOptions {
  /** The launcher lost the unit's identity: other hardware takes its place. */
  readonly reissueUnit: boolean;
  /** Null where there is no listener that a unit could enrol at. */
  readonly enrolment: Pick<EnrolmentDeps, 'pki' | 'addresses'> | null;
}

const codes = { region: 'DEMO', hall: 'DEMO-1' } as const;
const counterNames = ['1 号窗口', '2 号窗口', '3 号窗口'];
const unitName = '演示单元';

/** A region, a hall with three counters and one unit: what is there already stays as people left it. */
export const seedDemo = async (ctx: VerbContext, options: SeedDemoOptions): Promise<DemoUnit> => {
  const places = await listPlaces(ctx, { archived: true });
  const ensure = async (input: CreatePlace): Promise<Place> =>
    places.find(
      (place) => place.kind === input.kind && place.code === input.code && place.parentId === input.parentId,
    ) ?? createPlace(ctx, input);
  const region = await ensure({ kind: 'region', parentId: null, name: '演示区域', code: codes.region });
  // Found by its code alone: it may have been moved to another region since.
  const hall =
    places.find((place) => place.kind === 'hall' && place.code === codes.hall) ??
    (await createPlace(ctx, {
      kind: 'hall',
      parentId: region.id,
      name: '演示营业厅',
      code: codes.hall,
      timeZone: 'Asia/Shanghai',
      address: null,
      location: { lon: 121.4737, lat: 31.2304 },
    }));
  if (!places.some((place) => place.kind === 'counter' && place.parentId === hall.id)) {
    for (const [i, name] of counterNames.entries()) {
      await createPlace(ctx, { kind: 'counter', parentId: hall.id, name, code: String(i + 1) });
    }
  }
  return { ...(await ensureUnit(ctx, hall, options)), hallId: hall.id, hallName: hall.name };
};

const ensureUnit = async (
  ctx: VerbContext,
  hall: Place,
  options: SeedDemoOptions,
): Promise<Omit<DemoUnit, 'hallId' | 'hallName'>> => {
  const [known] = await withTenant(
    ctx.db,
    ctx.actor,
    (tx) =>
      tx
        .select({ id: units.id })
        .from(units)
        .where(and(eq(units.hallId, hall.id), isNull(units.archivedAt)))
        .orderBy(units.createdAt)
        .limit(1),
    { readOnly: true },
  );
  if (!known) {
    if (hall.archivedAt !== null) {
      throw new HubError('configuration', 'The demo hall was archived and has no unit', {
        hint: 'Bring it back in the console, or start without --seed-demo.',
      });
    }
    const { unit } = await createUnit(ctx, { name: unitName, hallId: hall.id });
    return { unitId: unit.id, ...(await codeFor(ctx, { ...options, reissueUnit: false }, unit.id)) };
  }
  return { unitId: known.id, ...(await codeFor(ctx, options, known.id)) };
};

const codeFor = async (
  ctx: VerbContext,
  { enrolment, reissueUnit }: SeedDemoOptions,
  unitId: string,
): Promise<Pick<DemoUnit, 'enrolment'>> => {
  if (!enrolment) return {};
  const now = new Date(ctx.clock.now());
  const { tenantId } = ctx.actor;
  const held = await withTenant(ctx.db, ctx.actor, (tx) => certificatesInForce(tx, { tenantId, unitId }, now));
  if (held.length > 0 && !reissueUnit) return {};
  const { code, gateway } = await makeCode(ctx, enrolment, { unitId, kind: reissueUnit ? 'replace' : 'new' });
  return { enrolment: { code, gateway } };
};
