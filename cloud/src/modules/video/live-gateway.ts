import { HubError } from '@hallhub/shared';
import { LiveRecordReader } from '@hallhub/shared/vision';
import { gatewayPaths, idSchema } from '@hallhub/shared/wire';
import { type Database, withSystem } from '../../db/index.js';
import type { GatewayModule } from '../../gateway/gateway-module.js';
import type { LiveHub } from './live-hub.js';

/** The unit begins a new request well before; a camera at 8 Mbit/s fills a gigabyte in a quarter of an hour. */
const maxBodyBytes = 1024 * 1024 * 1024;
/** A camera each. */
const maxRunning = 32;

/** `POST /unit/v1/live/{deviceId}`: a camera's records for as long as somebody looks (docs/protocol.md 8.4). */
export const liveGateway = (deps: { readonly database: Database; readonly hub: LiveHub }): GatewayModule => ({
  path: gatewayPaths.live,
  maxBodyBytes,
  maxRunning,
  async handle(request, { unitId }) {
    const deviceId = idSchema.safeParse(new URL(request.url).pathname.split('/').at(-1));
    if (request.method !== 'POST' || !deviceId.success || !request.body)
      throw new HubError('not_found', 'A live stream is posted to /unit/v1/live/{deviceId}');
    const isOwn = await withSystem(deps.database, (tx) =>
      tx.$client.query(`SELECT 1 FROM devices WHERE id = $1 AND unit_id = $2 AND state = 'active'`, [
        deviceId.data,
        unitId,
      ]),
    );
    if (isOwn.rows.length === 0) throw new HubError('not_found', 'This unit has no such camera');
    const feed = deps.hub.openFeed(deviceId.data);
    const records = new LiveRecordReader();
    const reader = request.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const record of records.push(value)) {
          if (!feed.push(record)) return new Response(null, { status: 204 });
        }
      }
    } catch (error) {
      if (error instanceof RangeError) throw new HubError('invalid_input', `Not a live stream: ${error.message}`);
      throw error;
    } finally {
      feed.close();
      await reader.cancel().catch(() => undefined);
    }
    return new Response(null, { status: 204 });
  },
});
