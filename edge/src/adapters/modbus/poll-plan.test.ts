import fc from 'fast-check';
import t from 'tap';
import type { Span } from './block-planner.js';
import { type Point, pointsOf } from './point.js';
import { PollPlan, type PollRead } from './poll-plan.js';
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
    'holding 11+13/3600000',
    'holding 40+2/3600000',
    'holding 500+1/3600000',
  ]);
  t.end();
});

/** The points of one pace alone. */
const pacedPlan = () =>
  new PollPlan(
    points.filter((point) => point.everyMs === 50),
    { maxGap: 8, maxBlock: 125 },
  );

const read = (plan: PollPlan, address: number, nowMs: number) => {
  for (let tries = 0; tries < 20; tries++) {
    const next = plan.next(nowMs);
    if (!next) break;
    if (next.table === 'holding' && next.address === address) return next;
    plan.done(next, nowMs);
  }
  throw new Error(`nothing to read at ${address}`);
};

t.test('due times keep their rhythm, and a late one does not pile up', (t) => {
  const one = plan();
  const first = one.next(3);
  if (!first) throw new Error('nothing is due');
  t.equal(one.done(first, 3), false);
  t.equal(first.blocks[0]?.nextDueMs, 50);
  t.equal(one.done(first, 400), true, 'late');
  t.equal(first.blocks[0]?.nextDueMs, 400);
  t.end();
});

t.test('an illegal address costs the widest gap first, then halves, then one point', (t) => {
  const one = pacedPlan();
  one.refuse(read(one, 0, 0), 0);
  t.same(
    spans(one).filter((span) => span.endsWith('/50')),
    ['coil 3+1/50', 'discrete 0+1/50', 'holding 0+4/50', 'holding 8+3/50'],
  );
  one.refuse(read(one, 8, 0), 0);
  t.ok(
    one.blocks.some((b) => b.address === 8 && b.count === 1),
    'halved',
  );
  one.refuse(read(one, 8, 1_000), 1_000);
  t.same(
    one.refused.map((point) => point.property.id),
    ['mode'],
  );
  const alone = one.blocks.find((block) => block.address === 8);
  t.equal(alone?.nextDueMs, 61_000, 'asked for rarely');
  one.restart(2_000);
  t.ok(
    one.blocks.some((b) => b.address === 9 && b.count === 2),
    'what was learned outlives the link',
  );
  t.equal(alone?.nextDueMs, 61_000);
  t.end();
});

t.test('what was learned is tried again ever more rarely, and forgotten when it no longer holds', (t) => {
  const one = pacedPlan();
  one.refuse(read(one, 0, 0), 0);
  const near = () => spans(one).filter((span) => /holding (0|8)\+/.test(span));
  t.same(near(), ['holding 0+4/50', 'holding 8+3/50']);
  one.refuse(read(one, 0, 60_000), 60_000);
  t.same(near(), ['holding 0+4/50', 'holding 8+3/50'], 'tried after a minute, in vain: split where it was');
  one.next(120_000);
  t.same(near(), ['holding 0+4/50', 'holding 8+3/50'], 'not yet');
  const again = read(one, 0, 180_000);
  t.equal(again.count, 11, 'after two more minutes');
  one.done(again, 180_000);
  t.same(near(), ['holding 0+11/50'], 'and it stays joined');
  t.end();
});

t.test('a register that was lacking and is there again joins its neighbours', (t) => {
  const one = pacedPlan();
  for (const refused of [0, 8]) one.refuse(read(one, refused, 0), 0);
  const lone = read(one, 8, 0);
  t.equal(lone.count, 1);
  one.refuse(lone, 0);
  const again = read(one, 8, 60_000);
  one.done(again, 60_000);
  t.same(one.refused, []);
  t.end();
});

t.test('exception 1 costs every point of the read at once', (t) => {
  const one = pacedPlan();
  one.refuseTable(read(one, 0, 0), 0);
  t.equal(one.refused.length, 6);
  t.end();
});

t.test('a read takes along what else is due and fits, and only then', (t) => {
  const point = (id: string, address: number, everyMs: number) =>
    ({
      ...(points[0] as Point),
      property: { ...(points[0] as Point).property, id },
      address,
      count: 1,
      everyMs,
    }) as Point;
  const paced = new PollPlan([point('a', 0, 100), point('b', 2, 1_000), point('c', 50, 1_000)], {
    maxGap: 8,
    maxBlock: 125,
  });
  const first = paced.next(0);
  t.match(first, { address: 0, count: 3 }, 'the slow neighbour comes in the same request');
  t.equal(first?.blocks.length, 2);
  paced.done(first as PollRead, 0);
  const far = paced.next(0);
  t.match(far, { address: 50, count: 1 });
  paced.done(far as PollRead, 0);
  t.match(paced.next(100), { address: 0, count: 1 }, 'not due, not read');
  t.end();
});

t.test('whatever a device lacks, all that it has is read in the end, and nothing lacking for long', (t) => {
  const scenario = fc.record({
    addresses: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 12 }),
    missing: fc.uniqueArray(fc.nat(40), { maxLength: 12 }),
    pages: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(scenario, ({ addresses, missing, pages }) => {
      const own = addresses.map(
        (address) => ({ ...(points[0] as Point), table: 'holding', address, count: 1, everyMs: 1_000 }) as Point,
      );
      const one = new PollPlan(own, { maxGap: 8, maxBlock: 20 });
      const refuses = (span: Span) =>
        missing.some((at) => at >= span.address && at < span.address + span.count) ||
        pages.some((at) => at > span.address && at < span.address + span.count);
      const round = (nowMs: number): { got: Set<number>; refusals: number } => {
        const got = new Set<number>();
        let refusals = 0;
        for (let next = one.next(nowMs); next; next = one.next(nowMs)) {
          if (refuses(next)) {
            one.refuse(next, nowMs);
            refusals++;
          } else {
            one.done(next, nowMs);
            for (const point of next.points) got.add(point.address);
          }
        }
        return { got, refusals };
      };
      round(0);
      const { got, refusals } = round(1_000);
      const has = addresses.filter((address) => !missing.includes(address));
      return refusals === 0 && has.every((address) => got.has(address)) && got.size === has.length;
    }),
    { numRuns: 500 },
  );
  t.end();
});
