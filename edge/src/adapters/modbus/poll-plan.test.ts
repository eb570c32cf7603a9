import t from 'tap';
import { pointsOf } from './point.js';
import { PollPlan } from './poll-plan.js';
import { testProfile } from './test-profile.js';

const binding = testProfile.document.bindings.modbus;
if (!binding) throw new Error('no Modbus binding');
const points = pointsOf(testProfile.document, binding);
const plan = () => new PollPlan(points, { maxGap: 8, maxBlock: 125 });
const spans = (one: PollPlan) =>
  one.blocks.map(({ table, address, count, everyMs }) => `${table} ${address}+${count}/${everyMs}`).sort();

t.test('points are grouped by interval, table and neighbourhood', (t) => {
  t.same(spans(plan()), [
    'coil 3+1/50',
    'discrete 0+1/50',
    'holding 0+11/50',
    'holding 20+4/3600000',
    'holding 500+1/3600000',
  ]);
  t.end();
});

t.test('due times keep their rhythm, and a late one does not pile up', (t) => {
  const one = plan();
  const block = one.mostDue();
  if (!block) throw new Error('nothing is due');
  t.equal(one.done(block, 3), false);
  t.equal(block.nextDueMs, 50);
  t.equal(one.done(block, 400), true, 'late');
  t.equal(block.nextDueMs, 400);
  t.end();
});

t.test('an illegal address gives up gaps first, then halves, then one point', (t) => {
  const one = plan();
  const find = (address: number) => {
    const block = one.blocks.find((b) => b.table === 'holding' && b.address === address);
    if (!block) throw new Error(`no block at ${address}`);
    return block;
  };
  one.illegalAddress(find(0), 0);
  t.same(
    spans(one).filter((span) => span.endsWith('/50')),
    ['coil 3+1/50', 'discrete 0+1/50', 'holding 0+4/50', 'holding 8+3/50'],
  );
  one.illegalAddress(find(8), 0);
  t.ok(
    one.blocks.some((b) => b.address === 8 && b.count === 1),
    'halved',
  );
  one.illegalAddress(find(8), 1_000);
  t.same(
    [...one.refused].map((point) => point.property.id),
    ['mode'],
  );
  t.ok(find(8).nextDueMs >= 300_000, 'asked for rarely');
  one.done(find(8), 400_000);
  t.equal(one.refused.size, 0, 'a firmware update may bring it');
  one.restart(500_000);
  t.ok(
    one.blocks.some((b) => b.address === 8 && b.count === 3),
    'the gap stays known',
  );
  t.end();
});
