import fc from 'fast-check';
import t from 'tap';
import { expired, type KeptBackup } from './retention.js';

const day = (date: string, hour = 18): KeptBackup => ({
  file: `${date}-${hour}`,
  atMs: Date.parse(`${date}T${String(hour).padStart(2, '0')}:30:00Z`),
  verified: true,
});

t.test('the newest of each day and of each week are kept', (t) => {
  const backups = [
    ...[day('2026-11-22'), day('2026-11-22', 3), day('2026-11-21'), day('2026-11-20')],
    ...[day('2026-11-15'), day('2026-11-14'), day('2026-11-08'), day('2026-11-01')],
  ];
  t.same(expired(backups, { daily: 2, weekly: 3 }), [
    '2026-11-22-3',
    '2026-11-20-18',
    '2026-11-14-18',
    '2026-11-01-18',
  ]);
  t.end();
});

t.test('whatever there is: the newest stays, the newest that was proved stays, and nothing is named twice', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 4e12 }), verified: fc.boolean() }), { maxLength: 40 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 5 }),
      (list, daily, weekly) => {
        const backups = list.map((one, i) => ({ ...one, file: String(i) }));
        const gone = expired(backups, { daily, weekly });
        const left = backups.filter(({ file }) => !gone.includes(file));
        const newest = Math.max(...backups.map(({ atMs }) => atMs));
        const proved = Math.max(...backups.filter(({ verified }) => verified).map(({ atMs }) => atMs));
        return (
          new Set(gone).size === gone.length &&
          (backups.length === 0 || left.some(({ atMs }) => atMs === newest)) &&
          (proved === Number.NEGATIVE_INFINITY || left.some(({ atMs, verified }) => verified && atMs === proved)) &&
          left.length <= daily + weekly + 2
        );
      },
    ),
  );
  t.end();
});
