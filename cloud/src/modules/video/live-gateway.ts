import { type Clock, HubError } from '@hallhub/shared';
import { LiveRecordReader, liveForms, liveJson } from '@hallhub/shared/vision';
import { gatewayPaths, idSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import { type Database, withSystem } from '../../db/index.js';
import type { GatewayStreamModule } from '../../gateway/gateway-module.js';
import type { LiveHub } from './live-hub.js';

/** The unit begins a new request well before; a camera at 8 Mbit/s fills a gigabyte in a quarter of an hour. */
const maxBodyBytes = 1024 * 1024 * 1024;
/** A camera each. */
const maxRunning = 32;
/** A request lasts minutes: whether the camera and the unit's certificate still hold is looked up so often. */
const checkEveryMs = 5_000;

const ownSql = `SELECT 1 FROM devices d JOIN units u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
  WHERE d.id = $1 AND d.unit_id = $2 AND d.state = 'active' AND u.archived_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM unit_certificates c WHERE c.fingerprint = decode($3, 'hex') AND c.revoked_at IS NOT NULL)`;

/** `POST /unit/v1/live/{deviceId}`: a camera's records for as long as somebody looks (docs/protocol.md 8.4). */
export const liveGateway = (deps: {
  readonly database: Database;
  readonly hub: LiveHub;
  readonly clock: Clock;
}): GatewayStreamModule => ({
  path: gatewayPaths.live,
  maxBodyBytes,
  maxRunning,
  readsChunks: true,
  async handle(request, { unitId, certificateSha256 }, chunks) {
    const url = new URL(request.url);
    const deviceId = idSchema.safeParse(url.pathname.split('/').at(-1));
    const form = z.enum(liveForms).safeParse(url.searchParams.get('form') ?? 'copy');
    if (request.method !== 'POST' || !deviceId.success || !form.success)
      throw new HubError('not_found', 'A live stream is posted to /unit/v1/live/{deviceId}');
    const isOwn = async () => {
      const { rows } = await withSystem(deps.database, (tx) =>
        tx.$client.query({ name: 'live-own', text: ownSql, values: [deviceId.data, unitId, certificateSha256] }),
      );
      return rows.length > 0;
    };
    if (!(await isOwn())) throw new HubError('not_found', 'This unit has no such camera');
    const feed = deps.hub.openFeed(deviceId.data, form.data);
    let checkedMs = deps.clock.monotonicMs();
    const records = new LiveRecordReader();
    try {
      for await (const chunk of chunks) {
        if (deps.clock.monotonicMs() - checkedMs > checkEveryMs) {
          checkedMs = deps.clock.monotonicMs();
          if (!(await isOwn())) {
            feed.push(liveJson('state', { v: 1, state: 'refused', reason: 'withdrawn' }));
            throw new HubError('not_found', 'This unit has no such camera any more');
          }
        }
        for (const record of records.push(chunk)) {
          if (!feed.push(record)) return new Response(null, { status: 204 });
        }
      }
    } catch (error) {
      if (error instanceof RangeError) throw new HubError('invalid_input', `Not a live stream: ${error.message}`);
      throw error;
    } finally {
      feed.close();
    }
    return new Response(null, { status: 204 });
  },
});
