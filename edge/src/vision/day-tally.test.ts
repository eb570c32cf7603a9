import t from 'tap';
import type { Store } from '../store/index.js';
import { DayTally } from './day-tally.js';

t.test(
  'a clock that was ahead for days does not push out today; what a full disk refused is written later',
  async (t) => {
    let isFull = true;
    let written = 0;
    const hub = {
      commit: {
        db: { prepare: () => ({ pluck: () => ({ get: () => undefined }) }) },
        write: async () => {
          if (isFull) throw new Error('disk full');
          written += 1;
        },
      },
    } as unknown as Store['hub'];
    const tally = new DayTally(hub);
    for (let i = 0; i < 20; i++) tally.note('camera', `2099-01-${String(i + 10)}`, (i + 1) * 10);
    tally.note('camera', '2026-06-01', 205);
    tally.note('camera', '2026-06-01', 210);
    const days = tally.of('camera');
    t.equal(days.length, 8);
    t.same(days.at(-1), { day: '2026-06-01', looked: 10 });
    await t.rejects(tally.save(['camera']));
    isFull = false;
    await tally.save(['camera']);
    await tally.save(['camera']);
    t.equal(written, 1);
  },
);
