import { type HubError, systemClock } from '@hallhub/shared';
import { type ByteLink, memoryLinkPair } from '../links/index.js';
import type { FramingKind } from './framing.js';
import { ModbusClient } from './modbus-client.js';
import { ModbusSlaves } from './test-slaves.js';

export const options = { unitId: 1, timeoutMs: 200 };

/** A client and its slaves at the two ends of a link in memory. */
export const connect = (
  kind: FramingKind,
  slaves = new ModbusSlaves(1),
): { client: ModbusClient; slaves: ModbusSlaves; peer: ByteLink } => {
  const [near, peer] = memoryLinkPair();
  peer.listen({
    data: (bytes) =>
      kind === 'mbap'
        ? slaves.serveMbap(bytes, (reply) => peer.write(reply))
        : slaves.serveRtu(bytes, (reply) => peer.write(reply)),
    closed: () => undefined,
  });
  return { client: new ModbusClient(near, kind, systemClock), slaves, peer };
};

/** `ok`, or the code of what it failed with. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: HubError) => error.code,
  );
