import { createHash } from 'node:crypto';
import { type Clock, HubError } from '@hallhub/shared';
import { maxCamerasOfUnit, type VisionConfig, visionReportSchema } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { GatewayModule } from '../../gateway/gateway-module.js';
import type { LivePublisher } from '../live/live-port.js';
import type { CameraDocument } from './contract.js';
import { takeReport } from './intake/take-report.js';

interface UnitRow {
  tenant_id: string;
  hall_id: string;
  hall_name: string;
  time_zone: string;
  lat: number | null;
  lon: number | null;
}

interface Wanted {
  readonly config: VisionConfig;
  readonly tenantId: string;
  readonly hallId: string;
  /** Of each camera’s set-up. */
  readonly versions: readonly { readonly deviceId: string; readonly version: number }[];
}

const readWanted = async (tx: Tx, unitId: string): Promise<Wanted> => {
  const found = await tx.$client.query<UnitRow>(
    `SELECT u.tenant_id, u.hall_id, h.name AS hall_name, h.time_zone, h.lat, h.lon FROM units u JOIN halls h ON h.tenant_id = u.tenant_id AND h.id = u.hall_id
     WHERE u.id = $1 AND u.archived_at IS NULL`,
    [unitId],
  );
  const [unit] = found.rows;
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  const { rows } = await tx.$client.query<{ device_id: string; document: CameraDocument; version: number }>(
    `SELECT v.device_id, v.document, v.version FROM camera_vision v JOIN devices d ON d.tenant_id = v.tenant_id AND d.id = v.device_id
     WHERE d.tenant_id = $1 AND d.unit_id = $2 AND d.state = 'active' ORDER BY v.device_id LIMIT ${maxCamerasOfUnit}`,
    [unit.tenant_id, unitId],
  );
  const body = {
    zone: unit.time_zone,
    placeName: unit.hall_name,
    ...(unit.lat === null || unit.lon === null ? {} : { position: { lat: unit.lat, lon: unit.lon } }),
    cameras: rows.map(({ device_id: deviceId, document }) => ({ deviceId, ...document })),
  };
  const version = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
  return {
    config: { v: 1, version, ...body },
    tenantId: unit.tenant_id,
    hallId: unit.hall_id,
    versions: rows.map((row) => ({ deviceId: row.device_id, version: row.version })),
  };
};

/** docs/protocol.md 8.1: what the cloud wants this unit to watch. Throws `not_found`. */
export const readUnitVision = (database: Database, unitId: string): Promise<VisionConfig> =>
  withSystem(database, async (tx) => (await readWanted(tx, unitId)).config, { readOnly: true });

export interface VisionGatewayDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
}

/** Of a report on 64 cameras with a week of days each, and room. */
const maxReportBytes = 256 * 1024;

const takeIn = async ({ database, clock, live }: VisionGatewayDeps, unitId: string, body: unknown): Promise<void> => {
  const parsed = visionReportSchema.safeParse(body);
  const issue = parsed.error?.issues[0];
  if (!parsed.success) throw new HubError('invalid_input', `${issue?.path.join('.')}: ${issue?.message}`);
  const now = new Date(clock.now());
  const { changed, tenantId, hallId } = await withSystem(database, async (tx) => {
    const wanted = await readWanted(tx, unitId);
    const { tenantId, hallId, versions, config } = wanted;
    const taken = { unitId, tenantId, report: parsed.data, now };
    const changed = await takeReport(tx, { ...taken, wanted: { version: config.version, cameras: versions } });
    return { changed, tenantId, hallId };
  });
  for (const deviceId of changed) {
    live.publish({ tenantId, hallId, deviceId, topic: 'review', type: 'vision.changed', data: { deviceId } });
  }
};

/** `GET /unit/v1/vision`: asked every minute; 304 as long as nothing has changed. `POST`: how the unit fares with it. */
export const visionGateway = (deps: VisionGatewayDeps): GatewayModule => ({
  path: gatewayPaths.vision,
  maxBodyBytes: maxReportBytes,
  handle: async (request, { unitId }) => {
    if (request.method === 'POST') {
      await takeIn(deps, unitId, await request.json().catch(() => undefined));
      return new Response(null, { status: 204 });
    }
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET, POST' } });
    const config = await readUnitVision(deps.database, unitId);
    const etag = `"${config.version}"`;
    const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known.includes(etag)) return new Response(null, { status: 304, headers: { etag } });
    return Response.json(config, { headers: { etag } });
  },
});
