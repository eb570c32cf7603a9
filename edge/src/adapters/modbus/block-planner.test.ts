import fc from 'fast-check';
import t from 'tap';
import { gapsOf, isBitTable, maxBitsPerRead, maxRegistersPerRead, planBlocks, type Span } from './block-planner.js';

const span: fc.Arbitrary<Span> = fc
  .record({
    table: fc.constantFrom('coil', 'discrete', 'holding', 'input'),
    address: fc.integer({ min: 0, max: 65_000 }).map((address) => address % 600),
    count: fc.integer({ min: 1, max: 8 }),
  })
  .map((one) => ({ ...one, count: isBitTable(one.table as Span['table']) ? 1 : one.count }) as Span);

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
