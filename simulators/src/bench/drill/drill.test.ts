import t from 'tap';
import { seededRandom } from '../../random.js';
import { brokerMissing } from './drill-broker.js';
import { planFaults } from './drill-plan.js';
import { drillLines } from './report-drill.js';
import { isProven, runDrill } from './run-drill.js';

t.setTimeout(1_200_000);

t.test('the seed alone decides what is done to whom', (t) => {
  const plan = (seed: number) =>
    planFaults({ units: 30, workers: 3, smallUnits: [0], forMs: 600_000, random: seededRandom(seed) });
  t.same(plan(7), plan(7));
  t.notSame(plan(7), plan(8));
  const kinds = new Set(plan(7).map(({ fault }) => fault.kind));
  for (const kind of ['line', 'lossy', 'clock', 'fill', 'kill-units', 'kill-cloud', 'kill-broker', 'stop-database'])
    t.ok(kinds.has(kind as never), kind);
  for (const { atMs, forMs } of plan(7)) t.ok(atMs + forMs <= 600_001, 'all is over in time');
  t.end();
});

t.test(
  'ten units under every fault lose nothing and count nothing twice',
  { skip: brokerMissing() ?? false },
  async (t) => {
    const result = await runDrill({
      ...{ units: 10, forMs: 20_000, seed: 7, everyMs: 1_000, unitsPerProcess: 5, catchUpMs: 400_000, built: false },
      say: (text) => t.comment(text),
    });
    for (const line of drillLines(result)) t.comment(line);
    t.ok(isProven(result), 'by the proof of the cloud and by the books of the devices');
    t.ok(result.figures.produced > 20);
    t.equal(result.cloudEnds.running, 0, 'no cloud process ended by itself');
  },
);
