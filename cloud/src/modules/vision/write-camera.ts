import { HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { versionConflict } from '../../verb-kit/version-conflict.js';
import { inReach } from '../access/in-reach.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import type { CameraDocument } from './contract.js';
import { countRules, type ReadCamera, readCameras } from './read-cameras.js';
import { cameraVision } from './tables.js';

/** Of one unit's: what it asks for in one go (docs/protocol.md 8.1). */
const maxCamerasOfUnit = 64;

/** Throws `not_found` where it is none, or out of reach. */
export const requireCamera = async (tx: Tx, ctx: VerbContext, deviceId: string): Promise<ReadCamera> => {
  const reach = inReach(sql`d.hall_id`, ctx.actor, 'vision.read') ?? sql`true`;
  const [camera] = await readCameras(tx, {
    tenantId: ctx.actor.tenantId,
    where: sql`d.id = ${deviceId} AND ${reach}`,
    limit: 1,
    now: new Date(ctx.clock.now()),
  });
  if (!camera) throw new HubError('not_found', 'There is no such camera');
  return camera;
};

const broken = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** What the contract cannot say: ids are given once, and facts are about devices of the same unit. */
const checkDocument = async (tx: Tx, camera: ReadCamera, document: CameraDocument): Promise<void> => {
  const seen = new Set<string>();
  const facts: { path: string; deviceId: string }[] = [];
  document.views.forEach((view, v) => {
    if (seen.has(view.id)) throw broken(`views.${v}.id`, 'Another view or rule of this camera has the same id');
    seen.add(view.id);
    view.rules.forEach((rule, r) => {
      const path = `views.${v}.rules.${r}`;
      if (seen.has(rule.id)) throw broken(`${path}.id`, 'Another view or rule of this camera has the same id');
      seen.add(rule.id);
      rule.facts.forEach(({ deviceId }, f) => {
        facts.push({ path: `${path}.facts.${f}.deviceId`, deviceId });
      });
    });
  });
  const fixed = document.views.filter(({ preset }) => preset === undefined);
  if (document.views.length > 1 && fixed.length > 1) {
    throw broken('views', 'Of several views at most one has no preset');
  }
  if (facts.length === 0) return;
  const { rows } = await tx.$client.query<{ id: string }>(
    'SELECT id FROM devices WHERE unit_id = $1 AND id = ANY($2::uuid[])',
    [camera.summary.unitId, facts.map(({ deviceId }) => deviceId)],
  );
  const known = new Set(rows.map(({ id }) => id));
  const unknown = facts.find(({ deviceId }) => !known.has(deviceId));
  if (unknown) throw broken(unknown.path, 'Must be a device of the same unit');
};

export interface CameraChange {
  readonly camera: ReadCamera;
  readonly document: CameraDocument;
  /** What the caller saw. */
  readonly version: number;
  readonly action?: string;
}

/** Writes a camera's document with its audit row. Gives its version. */
export const writeCamera = async (tx: Tx, ctx: VerbContext, change: CameraChange): Promise<number> => {
  const { camera, document, version } = change;
  const { summary } = camera;
  ctx.actor.require('vision.write', { hallId: summary.hallId });
  // Locks the camera, whether or not it has a document: two who set it up at once would overwrite each other.
  await tx.$client.query('SELECT 1 FROM devices WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
    ctx.actor.tenantId,
    summary.deviceId,
  ]);
  const [stored] = await tx
    .select({ version: cameraVision.version, document: cameraVision.document })
    .from(cameraVision)
    .where(sql`${cameraVision.deviceId} = ${summary.deviceId}`);
  if ((stored?.version ?? 0) !== version) throw versionConflict(stored?.version ?? 0);
  await checkDocument(tx, camera, document);
  if (!stored) await checkRoom(tx, summary.unitId);
  const row = {
    document,
    enabled: document.enabled,
    rules: countRules(document),
    updatedAt: new Date(ctx.clock.now()),
    updatedByName: ctx.actor.userName,
    version: version + 1,
  };
  await tx
    .insert(cameraVision)
    .values({ ...row, tenantId: ctx.actor.tenantId, deviceId: summary.deviceId })
    .onConflictDoUpdate({ target: [cameraVision.tenantId, cameraVision.deviceId], set: row });
  await audit(tx, ctx, {
    action: change.action ?? 'vision.changed',
    target: { kind: 'camera', id: summary.deviceId, name: summary.name },
    hallId: summary.hallId,
    before: stored ? { ...stored.document } : null,
    after: { ...document },
  });
  return version + 1;
};

const checkRoom = async (tx: Tx, unitId: string): Promise<void> => {
  const { rows } = await tx.$client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM camera_vision v JOIN devices d ON d.tenant_id = v.tenant_id AND d.id = v.device_id WHERE d.unit_id = $1',
    [unitId],
  );
  if ((rows[0]?.count ?? 0) >= maxCamerasOfUnit) {
    throw new HubError('conflict', `A unit looks after ${maxCamerasOfUnit} cameras at most`, {
      context: { reason: 'too_many_cameras', most: maxCamerasOfUnit },
    });
  }
};
