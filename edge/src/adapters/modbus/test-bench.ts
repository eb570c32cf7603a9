import type { Clock } from '@hallhub/shared';
import type { Test } from 'tap';
import { type ByteLink, memoryLinkOpener } from '../links/index.js';
import { TestHost } from '../test-host.js';
import { modbusConfigSchema } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';
import { testProfile } from './test-profile.js';
import { ModbusSlaves } from './test-slaves.js';
import type { ModbusTransport } from './transport.js';

/** The address of the bus in tests. */
export const url = 'tcp://127.0.0.1:502';

/** Slaves that the test profile fits. */
export const newSlaves = (...unitIds: number[]): ModbusSlaves => {
  const slaves = new ModbusSlaves(...unitIds);
  for (const registers of slaves.registers.values()) {
    registers.set([4711, 235, 0x4148, 0]);
    registers.set([0x5331, 0x3233, 0, 0], 20);
    registers[500] = 77;
  }
  return slaves;
};

export interface Bench {
  host: TestHost;
  slaves: ModbusSlaves;
  adapter: ModbusAdapter;
  peers: ByteLink[];
  refuse: { on: boolean };
}

/** An adapter on a bus in memory. */
export const bench = (
  t: Test,
  slaves: ModbusSlaves,
  config: object = {},
  { kind = 'mbap', clock }: { kind?: 'mbap' | 'rtu'; clock?: Clock } = {},
): Bench => {
  const host = new TestHost([testProfile], 'bus', clock);
  const peers: ByteLink[] = [];
  const refuse = { on: false };
  const opener = memoryLinkOpener((peer) => {
    if (refuse.on) throw Object.assign(new Error('refused'));
    peers.push(peer);
    const write = (reply: Buffer) => {
      if (peer.isOpen) peer.write(reply);
    };
    peer.listen({
      data: (bytes) => (kind === 'mbap' ? slaves.serveMbap(bytes, write) : slaves.serveRtu(bytes, write)),
      closed: () => undefined,
    });
  }, url);
  const transport: ModbusTransport = { opener, framing: kind, gapMs: kind === 'rtu' ? 1 : 0 };
  const parsed = modbusConfigSchema.parse({ id: 'bus', url, discover: false, ...config });
  const adapter = new ModbusAdapter(parsed, host, transport);
  t.teardown(() => adapter.stop());
  return { host, slaves, adapter, peers, refuse };
};
