import fc from 'fast-check';
import t from 'tap';
import { seededRandom } from '../random.js';
import { groupsOf, textFromPattern } from './text-from-pattern.js';

const patterns = [
  '\\d{17}[0-9X]',
  '[A-Z]{2}\\d{3,5}',
  '^\\((?<volts>[\\d.]{5}) (?<load>\\d{3})\\r$',
  '(?:ok|failed|[^a-z]{2})',
  '\\x02[0-9A-F]{10}\\x03',
  'a?b*c+',
  '[\\w-]+\\.(?:com|cn)',
];

t.test('what it writes is matched whole', async (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...patterns), fc.integer(), (pattern, seed) => {
      const text = textFromPattern(pattern, { random: seededRandom(seed) });
      return text !== undefined && new RegExp(`^(?:${pattern})$`, 'u').test(text);
    }),
  );
  t.pass();
});

t.test('named groups are filled in, and known with their own patterns', async (t) => {
  const pattern = '^W(?<weight>\\d{3}\\.\\d)kg(?<state>[SU])$';
  t.equal(textFromPattern(pattern, { group: (name) => (name === 'weight' ? '012.5' : 'S') }), 'W012.5kgS');
  t.same(
    [...groupsOf(pattern)],
    [
      ['weight', '\\d{3}\\.\\d'],
      ['state', '[SU]'],
    ],
  );
});

t.test('what does not fit its pattern is nothing', async (t) => {
  t.equal(textFromPattern('(?<a>\\d)', { group: () => 'x' }), undefined);
});
