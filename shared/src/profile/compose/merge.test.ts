import fc from 'fast-check';
import t from 'tap';
import { type MergeProblem, mergePieces } from './merge.js';
import { locatorOf, originOf, pieceOf, plainOf } from './piece.js';

const source = (file: string) => ({ file, place: () => ({ line: 1, column: 1 }) });
const merge = (base: unknown, patch: unknown) => {
  const problems: MergeProblem[] = [];
  const merged = mergePieces(pieceOf(base, source('base')), pieceOf(patch, source('patch')), problems);
  return { value: plainOf(merged), problems: problems.map(({ message }) => message), merged };
};

t.test('the rules one by one', async (t) => {
  t.same(merge({ a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }).value, { a: { b: 1, c: 3, d: 4 } }, 'maps merge deeply');
  t.same(merge({ a: [1, 2] }, { a: [3] }).value, { a: [3] }, 'lists are replaced');
  t.same(merge({ a: 1, b: 2 }, { a: null }).value, { b: 2 }, 'null deletes');
  t.same(merge({ b: 2 }, { a: null }).problems, ['a is to be deleted and is not there']);
  const things = [
    { id: 'x', v: 1 },
    { id: 'y', v: 2 },
  ];
  t.same(merge({ p: things }, { p: [{ id: 'y', v: 3 }, { id: 'z' }] }).value, {
    p: [{ id: 'x', v: 1 }, { id: 'y', v: 3 }, { id: 'z' }],
  });
  t.same(merge({ p: things }, { p: [{ id: 'x', remove: true }] }).value, { p: [things[1]] });
  t.same(merge({ p: things }, { p: [{ id: 'q', remove: true }] }).problems, ['q is to be removed and is not there']);
  t.same(merge({ p: things }, { p: [{ id: 'x' }, { id: 'x' }] }).problems, ['the id "x" is used twice']);
  t.same(merge({ p: things }, { p: [] }).value, { p: [] }, 'an empty list empties');
  t.same(merge({ p: things }, { p: [{ v: 1 }] }).value, { p: [{ v: 1 }] }, 'without ids it is a list like any other');
});

t.test('what says its kind is replaced when the kind changes', async (t) => {
  const simulation = (hint: object) => ({ simulation: { values: { x: hint } } });
  t.same(merge(simulation({ start: 1, perHour: 2 }), simulation({ fixed: 0 })).value, simulation({ fixed: 0 }));
  const serial = (framing: object) => ({ bindings: { serial: { framing } } });
  t.same(
    merge(serial({ type: 'fixed', bytes: 4 }), serial({ type: 'idle', idleMs: 20 })).value,
    serial({ type: 'idle', idleMs: 20 }),
  );
  t.same(merge(serial({ type: 'fixed', bytes: 4 }), serial({ bytes: 5 })).value, serial({ type: 'fixed', bytes: 5 }));
  const alarm = (rest: object) => ({ alarms: [{ id: 'a', ...rest }] });
  t.same(
    merge(alarm({ kind: 'threshold', property: 'x', above: 1 }), alarm({ kind: 'event', event: 'e' })).value,
    alarm({ kind: 'event', event: 'e' }),
  );
  const point = (rest: object) => ({ bindings: { modbus: { points: { x: rest } } } });
  t.same(merge(point({ type: 'u16', address: 1 }), point({ type: 'i16' })).value, point({ type: 'i16', address: 1 }));
});

const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 4 }));
const key = fc.constantFrom('a', 'b', 'c', 'alarms', 'framing', 'type', '__proto__', 'constructor');
const { tree } = fc.letrec<{ tree: unknown; thing: unknown }>((tie) => ({
  thing: fc.record({ id: fc.constantFrom('x', 'y', 'z'), v: tie('tree') }),
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.uniqueArray(tie('thing'), { maxLength: 3, selector: (one) => (one as { id: string }).id }),
    fc.array(scalar, { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const map = fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true });
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

t.test('whatever is merged', async (t) => {
  fc.assert(
    fc.property(map, map, (base, patch) => {
      const [before, wanted] = [JSON.stringify(base), JSON.stringify(patch)];
      const { value } = merge(base, patch);
      return JSON.stringify(base) === before && JSON.stringify(patch) === wanted && value !== base;
    }),
  );
  fc.assert(fc.property(map, (base) => same(merge(base, {}).value, base)));
  fc.assert(fc.property(map, (patch) => same(merge({}, patch).value, patch)));
  // Its own patch changes nothing, and a patch laid on twice is laid on once.
  fc.assert(fc.property(map, (base) => same(merge(base, base).value, base)));
  fc.assert(
    fc.property(map, map, (base, patch) => {
      const once = merge(base, patch).value;
      return same(merge(once, patch).value, once);
    }),
  );
  t.pass();
});

t.test('every part of what was merged has a place in one of the files', async (t) => {
  const paths = (value: unknown, at: PropertyKey[] = []): PropertyKey[][] =>
    value !== null && typeof value === 'object'
      ? [at, ...Object.entries(value).flatMap(([name, one]) => paths(one, [...at, name]))]
      : [at];
  fc.assert(
    fc.property(map, map, (base, patch) => {
      const { value, merged } = merge(base, patch);
      return paths(value).every((path) => {
        const { source: from, path: there } = originOf(merged, path);
        const origin = from.file === 'base' ? base : patch;
        let found: unknown = origin;
        for (const step of there) {
          if (found === null || typeof found !== 'object' || !Object.hasOwn(found, step)) return false;
          found = (found as Record<PropertyKey, unknown>)[step];
        }
        return locatorOf(merged)(path).file === from.file;
      });
    }),
  );
  t.pass();
});
