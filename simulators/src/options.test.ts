import t from 'tap';
import { parseOptions } from './options.js';

t.test('the small hall, the full one, or devices of single profiles', async (t) => {
  t.match(parseOptions([]), { hall: { kind: 'small' }, dataDir: 'data/simulators', seed: undefined });
  t.match(parseOptions(['--only', 'camera']), { hall: { kind: 'small', only: ['camera'] } });
  t.match(parseOptions(['--hall', 'full', '--seed', '3']), { hall: { kind: 'full' }, seed: 3 });
  t.match(parseOptions(['--profile', 'a/b, c/d', '--count', '2']), {
    hall: { kind: 'profiles', profiles: ['a/b', 'c/d'], count: 2 },
  });
  t.equal(parseOptions(['--help']), 'help');
});

t.test('faults are named by device', async (t) => {
  const options = parseOptions(['--faults', 'th-10=silent,th-10-2=flap']);
  if (options === 'help') throw new Error('no options');
  t.same(
    [...options.faults],
    [
      ['th-10', 'silent'],
      ['th-10-2', 'flap'],
    ],
  );
});

t.test('what cannot be is refused with what can', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['--hall', 'huge'], /no hall/],
    [['--only', 'kettle'], /no simulated device/],
    [['--count', '0', '--profile', 'a/b'], /--count is 0/],
    [['--faults', 'th-10=broken'], /no fault/],
    [['--nonsense'], /nonsense/],
  ];
  for (const [args, message] of wrong)
    t.throws(() => parseOptions(args), { code: 'configuration', message }, args.join(' '));
});
