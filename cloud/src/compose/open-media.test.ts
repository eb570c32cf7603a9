import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import { MetricsRegistry } from '../http/metrics.js';
import type { Core } from './open-core.js';
import { openMedia } from './open-media.js';
import type { UnitLink } from './open-unit-link.js';
import { OpenedParts } from './opened-parts.js';

t.test('connections for pictures are closed where what uses them could not be opened', async (t) => {
  const uploadsDir = mkdtempSync(join(tmpdir(), 'hallhub-media-'));
  const open = new Set<Socket>();
  const broker = createServer((socket) => {
    open.add(socket);
    // What a relay says first tells that it is there; what it says last may meet an end.
    socket.resume().on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      broker.emit('changed');
    });
    broker.emit('changed');
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    broker.close();
    rmSync(uploadsDir, { recursive: true, force: true });
  });
  const until = async (count: number) => {
    while (open.size !== count) await once(broker, 'changed');
  };

  const log = pino({ level: 'silent' });
  const metrics = new MetricsRegistry();
  metrics.gaugeOf = () => {
    throw new Error('no figures today');
  };
  const core = {
    ...{ secret: 'test-secret-of-32-characters-or-more', clock: new ManualClock(0), log, metrics, uploadsDir },
    config: { mqttUrl: `mqtt://127.0.0.1:${(broker.address() as AddressInfo).port}` },
  } as unknown as Core;
  const opened = new OpenedParts(log);
  await t.rejects(openMedia(core, {} as UnitLink, opened), /no figures today/);
  await until(2);
  await opened.close();
  await until(0);
});
