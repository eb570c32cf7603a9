import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import type { VisionConfig } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import { type Database, withSystem } from '../../db/index.js';
import type { GatewayModule } from '../../gateway/gateway-module.js';
import type { CameraDocument } from './contract.js';

interface UnitRow {
  tenant_id: string;
  hall_name: string;
  time_zone: string;
}

/** docs/protocol.md 8.1: what the cloud wants this unit to watch. Throws `not_found`. */
export const readUnitVision = async (database: Database, unitId: string): Promise<VisionConfig> => {
  const { unit, cameras } = await withSystem(
    database,
    async (tx) => {
      const found = await tx.$client.query<UnitRow>(
        `SELECT u.tenant_id, h.name AS hall_name, h.time_zone FROM units u JOIN halls h ON h.tenant_id = u.tenant_id AND h.id = u.hall_id
         WHERE u.id = $1 AND u.archived_at IS NULL`,
        [unitId],
      );
      const [unit] = found.rows;
      if (!unit) throw new HubError('not_found', 'There is no such unit');
      const { rows } = await tx.$client.query<{ device_id: string; document: CameraDocument }>(
        `SELECT v.device_id, v.document FROM camera_vision v JOIN devices d ON d.tenant_id = v.tenant_id AND d.id = v.device_id
         WHERE d.tenant_id = $1 AND d.unit_id = $2 AND d.state = 'active' ORDER BY v.device_id LIMIT 64`,
        [unit.tenant_id, unitId],
      );
      return { unit, cameras: rows };
    },
    { readOnly: true },
  );
  const body = {
    zone: unit.time_zone,
    placeName: unit.hall_name,
    cameras: cameras.map(({ device_id: deviceId, document }) => ({ deviceId, ...document })),
  };
  const version = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
  return { v: 1, version, ...body };
};

/** `GET /unit/v1/vision`: asked every minute; 304 as long as nothing has changed. */
export const visionGateway = ({ database }: { readonly database: Database }): GatewayModule => ({
  path: gatewayPaths.vision,
  maxBodyBytes: 0,
  handle: async (request, { unitId }) => {
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } });
    const config = await readUnitVision(database, unitId);
    const etag = `"${config.version}"`;
    const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known.includes(etag)) return new Response(null, { status: 304, headers: { etag } });
    return Response.json(config, { headers: { etag } });
  },
});
