import { readFileSync } from 'node:fs';
import { systemClock } from '@hallhub/shared';
import { seededRandom } from '../../random.js';
import { DrillUnit } from './drill-unit.js';
import type { WorkerOrder, WorkerReport, WorkerSpec } from './worker-contract.js';

/** A process that runs some units of the drill; killed and started again by the one that leads it. */
const [specFile] = process.argv.slice(2);
if (!specFile || !process.send) throw new Error('the drill starts this');
const spec = JSON.parse(readFileSync(specFile, 'utf8')) as WorkerSpec;
const random = seededRandom(spec.seed ^ process.pid);
const send = (report: WorkerReport): void => {
  if (process.connected) process.send?.(report);
};

const units = new Map<number, DrillUnit>();
for (const unit of spec.units) {
  const { brokerPort, everyMs } = spec;
  units.set(unit.index, await DrillUnit.open({ spec: unit, brokerPort, everyMs, random }));
}

const all = [...units.values()];
const some = (indexes: readonly number[]): DrillUnit[] => indexes.flatMap((index) => units.get(index) ?? []);

const breakOff = async (unit: DrillUnit, forMs: number): Promise<void> => {
  const endMs = systemClock.monotonicMs() + forMs;
  while (systemClock.monotonicMs() < endMs) {
    await systemClock.sleep(500 + random() * 3_000);
    unit.line.reset();
  }
};

const stop = async (): Promise<void> => {
  await Promise.all(all.map((unit) => unit.stop()));
  process.exit(0);
};

const obey = async (order: WorkerOrder): Promise<void> => {
  switch (order.type) {
    case 'line':
      for (const unit of some(order.units)) {
        // A dead route swallowed bytes: what was open over it is lost.
        unit.line.reset();
        unit.line.set(order.mode, { delayMs: order.delayMs ?? 0 });
      }
      return;
    case 'lossy':
      await Promise.all(some(order.units).map((unit) => breakOff(unit, order.forMs)));
      return;
    case 'clock':
      for (const unit of some(order.units)) unit.clock.offsetMs = order.offsetMs;
      return;
    case 'fill':
      await Promise.all(some(order.units).map((unit) => unit.fill(order.forMs)));
      return;
    case 'quiet':
      for (const unit of all) unit.quiet();
      return;
    case 'seal':
      for (const unit of all) await unit.seal(order.offsetMs);
      send({ type: 'sealed' });
      return;
    case 'stop':
      await stop();
  }
};

process.on('message', (order: WorkerOrder) => {
  obey(order).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
setInterval(() => {
  send({ type: 'state', rssBytes: process.memoryUsage.rss(), units: all.map(({ state }) => state) });
}, 1_000);
send({ type: 'ready' });
