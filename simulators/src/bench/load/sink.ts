import { readFileSync } from 'node:fs';
import { laneSchema, unitTopics } from '@hallhub/shared/wire';
import { pino } from 'pino';
import { commonNameOf } from '../../../../cloud/src/listeners/index.js';
import type { ServerCredentials } from '../../../../cloud/src/modules/pki/pki-port.js';
import { readHeader } from '../../../../cloud/src/modules/streams/decode-batch.js';
import { openCloudBroker } from '../../../../cloud/src/mqtt/open-cloud-broker.js';

/**
 * The cloud's port for units and nothing behind it, as a process of its own: what generators cost, and TLS with them, without the
 * cloud having anything of it. Batches are answered at a pace that is given, so that generators do as much as against the cloud.
 */
const { credentials, batchesPerSecond } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  credentials: ServerCredentials;
  batchesPerSecond: number;
};
const broker = await openCloudBroker({
  ...{ host: '127.0.0.1', port: null, log: pino({ level: 'error' }, pino.destination(2)) },
  authenticator: { authenticateUnit: async () => false },
  secure: {
    ...{ host: '127.0.0.1', port: 0 },
    pki: {
      serverCredentials: () => credentials,
      onChange: () => () => {},
      judgeCertificate: async (der) => ({ ok: true, unitId: commonNameOf(der) ?? '' }),
      onRevoked: () => () => {},
    },
  },
});
let nextMs = performance.now();
const inTurn = (say: () => void): void => {
  nextMs = Math.max(nextMs, performance.now()) + 1_000 / batchesPerSecond;
  setTimeout(say, nextMs - performance.now());
};
broker.onMessage(({ unitId, channel, payload }) => {
  if (channel === 'hello') {
    const { connId, at } = JSON.parse(Buffer.from(payload).toString('utf8')) as { connId: string; at: number };
    const answer = { v: 1, connId, protocol: 1, serverTime: Date.now(), echoAt: at, streams: [], limits: null };
    void broker.publish(unitTopics.downHello(unitId), JSON.stringify(answer));
  } else if (channel.startsWith('up/')) {
    const header = readHeader(payload);
    const lane = laneSchema.parse(channel.slice('up/'.length));
    if (!header) return;
    const { epoch, firstSeq, count, chain } = header;
    const answer = { v: 1, lane, epoch, firstSeq, result: 'committed', cursor: firstSeq + count - 1, chain };
    inTurn(() => void broker.publish(unitTopics.downAck(unitId), JSON.stringify(answer)));
  }
});
process.on('message', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', mqtts: broker.secureUrl });
