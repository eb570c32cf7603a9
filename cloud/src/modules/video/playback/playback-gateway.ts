import { HubError } from '@hallhub/shared';
import { maxRecordingPieceBytes } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { GatewayStreamModule } from '../../../gateway/gateway-module.js';
import type { RecordingAsks } from './recording-asks.js';

/** What the unit serves at a time, and a few that hang in dead connections. */
const maxRunning = 12;

/** `POST /unit/v1/recordings/{requestId}`: a unit's answer to a question about recordings (docs/protocol.md 8.5). */
export const playbackGateway = (asks: RecordingAsks): GatewayStreamModule => ({
  path: gatewayPaths.recordings,
  maxBodyBytes: 2 * maxRecordingPieceBytes,
  maxRunning,
  readsChunks: true,
  async handle(request, { unitId }, chunks) {
    const requestId = new URL(request.url).pathname.split('/').at(-1) ?? '';
    if (request.method !== 'POST' || !/^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/.test(requestId))
      throw new HubError('not_found', 'An answer is posted to /unit/v1/recordings/{requestId}');
    const type = request.headers.get('content-type')?.split(';')[0]?.slice(0, 100) ?? '';
    const sink = asks.receive({ unitId, requestId, type });
    let isWhole = false;
    try {
      for await (const chunk of chunks) {
        if (!sink.push(chunk)) throw new HubError('conflict', 'Nobody waits for this answer any more');
      }
      isWhole = true;
    } finally {
      if (isWhole) sink.end();
      else sink.broken();
    }
    return new Response(null, { status: 204 });
  },
});
