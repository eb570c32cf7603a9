import fc from 'fast-check';
import t from 'tap';
import { float8Array, int2Array, int4Array, textArray, timestamptzArray } from './binary-array.js';
import { startTestDatabase } from './testing.js';
import { storableJson, storableText } from './text.js';

t.test('the server reads back what was written', async (t) => {
  const database = await startTestDatabase(t);
  const text = fc.option(fc.string({ unit: 'binary' }).map(storableText), { nil: null });
  const row = fc.record({
    int2: fc.integer({ min: -32_768, max: 32_767 }),
    int4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    float8: fc.option(fc.double({ noNaN: true }), { nil: null }),
    at: fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2200, 0, 1) }),
    text,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
      const { rows: seen } = await database.appPool.query(
        `SELECT a, b, c, extract(epoch FROM d)::float8 * 1000 AS d, e
         FROM unnest($1::int2[], $2::int4[], $3::float8[], $4::timestamptz[], $5::text[]) WITH ORDINALITY AS u(a, b, c, d, e, n) ORDER BY n`,
        [
          int2Array(rows.map((r) => r.int2)),
          int4Array(rows.map((r) => r.int4)),
          float8Array(rows.map((r) => r.float8)),
          timestamptzArray(rows.map((r) => r.at)),
          textArray(rows.map((r) => r.text)),
        ],
      );
      const expected = rows.map((r) => ({ a: r.int2, b: r.int4, c: r.float8, d: r.at, e: r.text }));
      return (
        seen.length === expected.length &&
        seen.every((s, i) => {
          const e = expected[i];
          return s.a === e?.a && s.b === e?.b && s.c === e?.c && Math.round(s.d) === e?.d && s.e === e?.e;
        })
      );
    }),
    { numRuns: 60 },
  );
});

t.test('text PostgreSQL cannot hold is made storable', async (t) => {
  const database = await startTestDatabase(t);
  t.equal(storableText('a\0b'), 'a\uFFFDb');
  const clean = { a: [1, 'x'] };
  t.equal(storableJson(clean), clean);
  const dirty = storableJson({ 'k\0': ['\0', { deep: 'x\0' }, null, 3] });
  t.same(dirty, { 'k\uFFFD': ['\uFFFD', { deep: 'x\uFFFD' }, null, 3] });
  t.equal(storableText('灯😀\ud83d'), '灯😀\uFFFD', 'half of a character, as a cut text ends in');
  t.same(storableJson({ '\ude00': ['😀', '\ud83d'] }), { '\uFFFD': ['😀', '\uFFFD'] });
  const { rows } = await database.appPool.query('SELECT $1::jsonb AS j, $2::text AS s', [dirty, storableText('\0')]);
  t.same(rows[0], { j: dirty, s: '\uFFFD' });
});
