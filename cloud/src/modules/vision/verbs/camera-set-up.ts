import type { Profile } from '@hallhub/shared/profile';
import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import { shownName } from '../../fleet/read-devices.js';
import { inRegion } from '../../places/in-region.js';
import {
  type AnalysisState,
  type CameraDocument,
  type CameraSetUp,
  type CameraSummary,
  troubleStates,
} from '../contract.js';
import { analysisOf, type ReadCamera, readCameras } from '../read-cameras.js';
import { requireCamera, writeCamera } from '../write-camera.js';

export interface CameraFilter extends PageQuery {
  readonly hallId?: string | undefined;
  readonly regionId?: string | undefined;
  readonly configured?: boolean | undefined;
  readonly presence?: CameraSummary['presence'] | undefined;
  readonly analysis?: AnalysisState | 'trouble' | undefined;
  readonly q?: string | undefined;
}

/** By hall and name. */
export const listCameras = async (ctx: VerbContext, filter: CameraFilter): Promise<Page<CameraSummary>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.string(), z.uuid(), z.string(), z.uuid()]));
  const now = new Date(ctx.clock.now());
  const where = [
    inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    filter.hallId && sql`d.hall_id = ${filter.hallId}`,
    filter.regionId && inRegion(sql`h.region_id`, filter.regionId),
    filter.configured !== undefined && sql`(coalesce(v.rules, 0) > 0) = ${filter.configured}`,
    filter.presence && sql`(CASE WHEN l.presence = 'offline' THEN 'unknown' ELSE d.presence END) = ${filter.presence}`,
    filter.analysis && isAnalysis(filter.analysis, now),
    filter.q && sql`position(lower(${filter.q}) in lower(${shownName} || ' ' || d.serial)) > 0`,
    after &&
      sql`(h.name, d.hall_id, ${shownName}, d.id) > (${after[0]}, ${after[1]}::uuid, ${after[2]}, ${after[3]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(
    ctx.db,
    ctx.actor,
    (tx) =>
      readCameras(tx, {
        tenantId: ctx.actor.tenantId,
        where: sql.join(where, sql` AND `),
        limit: filter.limit + 1,
        now,
      }),
    { readOnly: true },
  );
  return toPage(found, filter.limit, {
    item: ({ summary }) => summary,
    key: ({ summary }) => [summary.hallName, summary.hallId, summary.name, summary.deviceId],
  });
};

const isAnalysis = (wanted: AnalysisState | 'trouble', now: Date): SQL => {
  const states = wanted === 'trouble' ? troubleStates : [wanted];
  return sql`${analysisOf(now)} IN (${sql.join(
    states.map((one) => sql`${one}`),
    sql`, `,
  )})`;
};

export const getCamera = (ctx: VerbContext, { deviceId }: { readonly deviceId: string }): Promise<CameraSetUp> =>
  withTenant(ctx.db, ctx.actor, async (tx) => toSetUp(tx, ctx, await requireCamera(tx, ctx, deviceId)), {
    readOnly: true,
  });

/** Replaces all that a camera is watched for. Its unit takes it over within a minute. */
export const putCamera = async (
  ctx: VerbContext,
  input: { readonly deviceId: string; readonly document: CameraDocument; readonly version: number },
  nudge?: UnitNudge,
): Promise<CameraSetUp> => {
  const setUp = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const camera = await requireCamera(tx, ctx, input.deviceId);
    await writeCamera(tx, ctx, { camera, document: input.document, version: input.version });
    return toSetUp(tx, ctx, await requireCamera(tx, ctx, input.deviceId));
  });
  announceCamera(ctx, setUp, nudge);
  return setUp;
};

/** Says to a unit that there is something new for it to watch; never throws. */
export type UnitNudge = (unitId: string) => void;

/** After commit: to whoever looks at the camera, and to its unit, which need not wait for its minute. */
export const announceCamera = (
  ctx: VerbContext,
  { deviceId, hallId, unitId }: Pick<CameraSummary, 'deviceId' | 'hallId' | 'unitId'>,
  nudge?: UnitNudge,
): void => {
  ctx.live.publish({
    ...{ tenantId: ctx.actor.tenantId, hallId, deviceId, topic: 'review', type: 'vision.changed' },
    data: { deviceId },
  });
  nudge?.(unitId);
};

const toSetUp = async (tx: Tx, ctx: VerbContext, camera: ReadCamera): Promise<CameraSetUp> => {
  const { tenantId } = ctx.actor;
  const { deviceId, hallId } = camera.summary;
  const maySee = ctx.actor.can('evidence.read', { hallId });
  return {
    ...camera.summary,
    document: camera.document,
    picture: maySee ? await newestPicture(tx, { tenantId, deviceId, band: camera.document.overlay.band }) : null,
    canSnapshot: await canSnapshot(tx, { tenantId, deviceId }),
    applied: camera.applied,
    updatedAt: camera.updatedAt,
    updatedBy: camera.updatedBy,
  };
};

interface PictureRow {
  id: string;
  made_at: Date;
  width: number | null;
  height: number | null;
}

/** Overviews of findings, and pictures that were asked for; a close-up is of no use for drawing. */
const newestPicture = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly deviceId: string; readonly band: CameraDocument['overlay']['band'] },
): Promise<CameraSetUp['picture']> => {
  const { rows } = await tx.$client.query<PictureRow>(
    `SELECT e.id, e.made_at, (f.began->'picture'->>'width')::int AS width, (f.began->'picture'->>'height')::int AS height
     FROM evidence e LEFT JOIN review_findings f ON f.tenant_id = e.tenant_id AND f.id = e.event_id AND f.unit_id = e.unit_id
     WHERE e.tenant_id = $1 AND e.device_id = $2 AND e.state = 'complete' AND e.media_type IN ('image/jpeg', 'image/png', 'image/webp')
       AND (f.id IS NULL OR jsonb_path_exists(f.began, '$.evidence[*] ? (@.id == $id && @.role == "overview")', jsonb_build_object('id', e.id::text)))
     ORDER BY e.made_at DESC, e.id DESC LIMIT 1`,
    [of.tenantId, of.deviceId],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    evidenceId: row.id,
    at: instantText(row.made_at),
    width: row.width,
    height: row.height,
    band: row.width === null ? 'none' : of.band,
  };
};

const canSnapshot = async (
  tx: Tx,
  { tenantId, deviceId }: { readonly tenantId: string; readonly deviceId: string },
): Promise<boolean> => {
  const { rows } = await tx.$client.query<{ document: Profile }>(
    `SELECT p.document FROM devices d JOIN profiles p ON p.tenant_id = d.tenant_id AND p.hash = d.profile_hash
     WHERE d.tenant_id = $1 AND d.id = $2 AND p.readable`,
    [tenantId, deviceId],
  );
  const commands = rows[0]?.document.thing?.commands ?? [];
  return Array.isArray(commands) && commands.some(({ id }) => id === 'snapshot');
};
