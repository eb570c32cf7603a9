import { systemClock, uuidv7 } from '@hallhub/shared';
import { ClockSegments, Outbox } from '../../outbox/index.js';
import { silentLogger } from '../../ports/index.js';
import { Store } from '../store.js';

/** Appends until it is killed, and says each row only after its promise resolved: what was said must be found again. */
const [dataDir = '', unitId = ''] = process.argv.slice(2);
const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger });
let n = 0;

const appendFrom = async (lane: 'events' | 'backlog'): Promise<void> => {
  for (;;) {
    const row = { kind: 'sample' as const, at: Date.now(), deviceId: unitId, values: { n: n++ } };
    const seq = await outbox.write(lane, row);
    process.stdout.write(`${lane} ${seq} ${JSON.stringify(row)}\n`);
  }
};
await Promise.all([
  ...Array.from({ length: 20 }, () => appendFrom('backlog')),
  ...Array.from({ length: 5 }, () => appendFrom('events')),
]);
