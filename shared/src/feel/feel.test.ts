import t from 'tap';
import { compileFeel, readFeel } from './feel.js';

const names = new Set(['a', 'level']);

t.test('what an expression reads, and what it must not do', async (t) => {
  t.match(readFeel('a > 3 and level = "major"', names), {
    ok: true,
    inputs: ['a', 'level'],
    unknown: [],
    forbidden: [],
  });
  t.match(readFeel('a > b', names), { ok: true, unknown: ['b'] });
  const banned: readonly (readonly [string, string])[] = [
    ['now() > a', 'now()'],
    ['for x in [1..9] return x', 'for'],
    ['some x in a satisfies x > 1', 'some'],
    ['matches(a, "^(x+)+$")', 'matches()'],
    ['replace(a, "(x+)+$", "y")', 'replace()'],
    ['split(a, "(x+)+$")', 'split()'],
  ];
  for (const [feel, word] of banned) t.match(readFeel(feel, names), { ok: true, forbidden: [word] }, feel);
  t.match(readFeel('a >', names), { ok: false });
  t.match(readFeel('contains(a, "x") and starts with(a, "y")', names), { ok: true, forbidden: [] });
});

t.test('a huge range is no huge list', async (t) => {
  t.equal(
    compileFeel('a in [1..1000000000]', names).evaluate(() => 5),
    true,
  );
  t.equal(
    compileFeel('a', names).evaluate(() => undefined),
    null,
  );
});

t.test('brackets deeper than anybody writes are not followed', async (t) => {
  const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  t.match(readFeel(nested(50), names), { ok: true, inputs: ['a'] });
  t.match(readFeel(nested(51), names), { ok: false, message: /more than 50 deep/ });
  t.match(readFeel(Array(100).fill('(a)').join(' + '), names), { ok: true }, 'side by side they may be many');
});
