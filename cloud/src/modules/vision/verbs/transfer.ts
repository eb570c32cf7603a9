import { HubError, isHubError } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { ImportOutcome, ImportResult, VisionFile } from '../contract.js';
import { countRules, type ReadCamera, readCameras } from '../read-cameras.js';
import { visionTemplates } from '../tables.js';
import { writeCamera } from '../write-camera.js';
import { announceCamera, type UnitNudge } from './camera-set-up.js';
import { createTemplate, updateTemplate } from './templates.js';

const most = 2_000;

/** The trail names the hall: nobody writes that of one out of reach. */
const requireHall = async (tx: Tx, ctx: VerbContext, hallId: string): Promise<void> => {
  const reach = inReach(sql`h.id`, ctx.actor, 'vision.read') ?? sql`true`;
  const { rows } = (await tx.execute(
    sql`SELECT 1 FROM halls h WHERE h.tenant_id = ${ctx.actor.tenantId} AND h.id = ${hallId} AND ${reach}`,
  )) as unknown as { rows: unknown[] };
  if (rows.length === 0) throw new HubError('not_found', 'There is no such hall');
};

/** What is set up within reach, as one file. Throws `not_found` for a hall out of reach. */
export const exportVision = async (
  ctx: VerbContext,
  filter: { readonly hallId?: string | undefined },
): Promise<VisionFile> => {
  const { tenantId } = ctx.actor;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const reach = inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`;
    const hall = filter.hallId ? sql`d.hall_id = ${filter.hallId}` : sql`true`;
    if (filter.hallId) await requireHall(tx, ctx, filter.hallId);
    const cameras = await readCameras(tx, {
      tenantId,
      where: sql`v.device_id IS NOT NULL AND ${reach} AND ${hall}`,
      limit: most,
      now: new Date(ctx.clock.now()),
    });
    const templates = await tx.select().from(visionTemplates).orderBy(visionTemplates.name);
    await audit(tx, ctx, {
      action: 'vision.exported',
      target: { kind: 'vision', id: null },
      hallId: filter.hallId ?? null,
      after: { cameras: cameras.length },
    });
    return {
      format: 'hallhub.vision',
      v: 1,
      exportedAt: new Date(ctx.clock.now()).toISOString(),
      cameras: cameras.map(({ summary, identity, document }) => ({
        ...{ deviceId: summary.deviceId, name: summary.name, hallName: summary.hallName, ...identity, document },
      })),
      templates: templates.map(({ name, note, rules }) => ({ name, note, rules })),
    };
  });
};

type FileCamera = VisionFile['cameras'][number];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** Each camera by itself: one that is refused stops none of the others. `dryRun` tells what would happen. */
export const importVision = async (
  ctx: VerbContext,
  input: { readonly file: VisionFile; readonly dryRun: boolean },
  nudge?: UnitNudge,
): Promise<ImportResult> => {
  const { file, dryRun } = input;
  const cameras: ImportOutcome[] = [];
  for (const one of file.cameras) cameras.push(await importCamera(ctx, one, { dryRun, nudge }));
  const templates: ImportResult['templates'] = [];
  for (const one of file.templates) templates.push({ name: one.name, result: await importTemplate(ctx, one, dryRun) });
  return { dryRun, cameras, templates };
};

const findCamera = async (tx: Tx, ctx: VerbContext, one: FileCamera): Promise<ReadCamera | undefined> => {
  const reach = inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`;
  const found = await readCameras(tx, {
    tenantId: ctx.actor.tenantId,
    where: sql`${reach} AND (d.id = ${one.deviceId} OR (d.vendor = ${one.vendor} AND d.model = ${one.model} AND d.serial = ${one.serial} AND d.serial <> ''))`,
    limit: 3,
    now: new Date(ctx.clock.now()),
  });
  // The id counts first; a serial that two cameras give is nobody's.
  return found.find(({ summary }) => summary.deviceId === one.deviceId) ?? (found.length === 1 ? found[0] : undefined);
};

const importCamera = async (
  ctx: VerbContext,
  one: FileCamera,
  { dryRun, nudge }: { readonly dryRun: boolean; readonly nudge: UnitNudge | undefined },
): Promise<ImportOutcome> => {
  const told = { name: one.name, hallName: one.hallName, rulesAfter: countRules(one.document), reason: null };
  try {
    const outcome = await withTenant(ctx.db, ctx.actor, async (tx) => {
      const camera = await findCamera(tx, ctx, one);
      if (!camera) return { ...told, deviceId: null, result: 'unknown' as const, rulesBefore: 0 };
      const { deviceId, version, rules: rulesBefore, name, hallName } = camera.summary;
      const known = { ...told, deviceId, name, hallName, rulesBefore };
      if (version > 0 && same(camera.document, one.document)) return { ...known, result: 'unchanged' as const };
      ctx.actor.require('vision.write', { hallId: camera.summary.hallId });
      const result = version === 0 ? ('created' as const) : ('replaced' as const);
      if (!dryRun) {
        await writeCamera(tx, ctx, { camera, document: one.document, version, action: 'vision.imported' });
        return { ...known, result, changed: camera.summary };
      }
      return { ...known, result };
    });
    const { changed, ...rest } = { changed: undefined, ...outcome };
    if (changed) announceCamera(ctx, changed, nudge);
    return rest;
  } catch (error) {
    if (!isHubError(error) || !['forbidden', 'invalid_input', 'conflict', 'precondition_failed'].includes(error.code))
      throw error;
    return { ...told, deviceId: one.deviceId, result: 'refused', rulesBefore: 0, reason: error.message };
  }
};

const importTemplate = async (
  ctx: VerbContext,
  one: VisionFile['templates'][number],
  dryRun: boolean,
): Promise<ImportResult['templates'][number]['result']> => {
  const [stored] = await withTenant(ctx.db, ctx.actor, (tx) =>
    tx.select().from(visionTemplates).where(eq(visionTemplates.name, one.name)),
  );
  if (stored && same({ note: stored.note, rules: stored.rules }, { note: one.note, rules: one.rules }))
    return 'unchanged';
  if (!ctx.actor.can('vision.write', 'tenant')) return 'refused';
  if (!dryRun && stored) await updateTemplate(ctx, { ...one, templateId: stored.id, version: stored.version });
  else if (!dryRun) await createTemplate(ctx, one);
  return stored ? 'replaced' : 'created';
};
