import { isBitTable } from '@hallhub/shared/profile';
import fc from 'fast-check';
import t from 'tap';
import {
  type Block,
  cutsOf,
  maxBitsPerRead,
  maxRegistersPerRead,
  mayJoin,
  planBlocks,
  type Span,
} from './block-planner.js';

const span: fc.Arbitrary<Span> = fc
  .record({
    table: fc.constantFrom('coil', 'discrete', 'holding', 'input'),
    address: fc.integer({ min: 0, max: 65_000 }).map((address) => address % 600),
    count: fc.integer({ min: 1, max: 8 }),
  })
  .map((one) => ({ ...one, count: isBitTable(one.table as Span['table']) ? 1 : one.count }) as Span);

/** The parts of a block that no point needs. */
const gapsOf = (block: Block<Span>): Span[] =>
  cutsOf(block)
    .filter((cut) => cut.gap > 0)
    .map((cut) => ({ table: block.table, address: cut.address - cut.gap, count: cut.gap }));

const options = fc.record({
  maxGap: fc.integer({ min: 0, max: 100 }),
  maxBlock: fc.integer({ min: 8, max: 2_000 }),
  holes: fc.array(span, { maxLength: 5 }),
});

t.test('every point lies whole in exactly one block, and every block is a legal read', (t) => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 80 }), options, (points, plan) => {
      const blocks = planBlocks(points, plan);
      if (blocks.flatMap((block) => block.points).length !== points.length) return false;
      return blocks.every((block) => {
        const limit = isBitTable(block.table)
          ? Math.min(maxBitsPerRead, plan.maxBlock * 16)
          : Math.min(maxRegistersPerRead, plan.maxBlock);
        const within = block.points.every(
          (point) =>
            point.table === block.table &&
            point.address >= block.address &&
            point.address + point.count <= block.address + block.count,
        );
        return within && block.count >= 1 && block.count <= limit;
      });
    }),
  );
  t.end();
});

t.test('no gap is wider than allowed, and no hole is read that holds no point', (t) => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 80 }), options, (points, plan) =>
      planBlocks(points, plan).every((block) =>
        gapsOf(block).every((gap) => {
          const most = isBitTable(gap.table) ? plan.maxGap * 16 : plan.maxGap;
          const touchesHole = plan.holes.some(
            (hole) =>
              hole.table === gap.table &&
              hole.address < gap.address + gap.count &&
              hole.address + hole.count > gap.address,
          );
          return gap.count <= most && !touchesHole;
        }),
      ),
    ),
  );
  t.end();
});

t.test('neighbours are joined: two blocks that could be one are none', (t) => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 80 }), options, (points, plan) => {
      const blocks = planBlocks(points, { ...plan, holes: [] });
      return blocks.every((block, at) => {
        const next = blocks[at + 1];
        if (!next || next.table !== block.table) return true;
        const bits = isBitTable(block.table);
        const first = next.points[0] as Span;
        const tooLong =
          first.address + first.count - block.address >
          Math.min(bits ? maxBitsPerRead : maxRegistersPerRead, bits ? plan.maxBlock * 16 : plan.maxBlock);
        return tooLong || next.address - (block.address + block.count) > (bits ? plan.maxGap * 16 : plan.maxGap);
      });
    }),
  );
  t.end();
});

/** The fewest legal blocks, found by trying every partition. */
const fewest = (points: readonly Span[], isLegal: (block: Span[]) => boolean): number => {
  let best = points.length;
  const place = (at: number, blocks: Span[][]): void => {
    if (blocks.length >= best && at < points.length) return;
    const point = points[at];
    if (!point) {
      if (blocks.every(isLegal)) best = Math.min(best, blocks.length);
      return;
    }
    for (const block of blocks) {
      block.push(point);
      place(at + 1, blocks);
      block.pop();
    }
    place(at + 1, [...blocks, [point]]);
  };
  place(0, []);
  return best;
};

t.test('no plan has fewer blocks: every partition of few points was tried', (t) => {
  const near = fc.record({
    table: fc.constantFrom('holding' as const, 'holding' as const, 'input' as const),
    address: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 1, max: 6 }),
  });
  const rules = fc.record({
    maxGap: fc.integer({ min: 0, max: 10 }),
    maxBlock: fc.integer({ min: 6, max: 20 }),
    holes: fc.array(
      fc.record({ table: fc.constant('holding' as const), address: fc.nat(40), count: fc.integer({ min: 1, max: 3 }) }),
      { maxLength: 2 },
    ),
    seams: fc.array(fc.record({ table: fc.constant('holding' as const), address: fc.nat(40) }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(near, { maxLength: 7 }), rules, (points, rules) => {
      // A seam is learned where a point starts, and never lies inside one.
      const seams = rules.seams.filter((seam) =>
        points.every((point) => seam.address <= point.address || seam.address >= point.address + point.count),
      );
      const plan = { ...rules, seams };
      const isLegal = (block: Span[]) => {
        const sorted = [...block].sort((a, b) => a.address - b.address || a.count - b.count);
        let span = sorted[0] as Span;
        for (const point of sorted.slice(1)) {
          if (!mayJoin(span, point, plan)) return false;
          const end = Math.max(span.address + span.count, point.address + point.count);
          span = { ...span, count: end - span.address };
        }
        return true;
      };
      return planBlocks(points, plan).length === fewest(points, isLegal);
    }),
    { numRuns: 1_500 },
  );
  t.end();
});
