import fc from 'fast-check';
import t from 'tap';
import { AdmissionPace } from './admission-pace.js';

t.test('slower while timers are late, back to the full rate once they are not', async (t) => {
  const pace = new AdmissionPace();
  t.equal(pace.share, 1);
  pace.note(50);
  t.ok(pace.share < 1 && pace.share >= 0.5, 'one late timer is no storm');
  for (let i = 0; i < 100; i++) pace.note(500);
  t.equal(pace.share, 0.2, 'never nothing');
  pace.note(12);
  t.equal(pace.share, 0.2, 'neither late nor in time: as it is');
  for (let i = 0; i < 20; i++) pace.note(1);
  t.equal(pace.share, 1, 'within twenty admissions');
});

t.test('whatever is noted, the share is one that a bucket can use', async () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), (delays) => {
      const pace = new AdmissionPace();
      for (const delay of delays) pace.note(delay);
      return pace.share >= 0.2 && pace.share <= 1;
    }),
  );
});
