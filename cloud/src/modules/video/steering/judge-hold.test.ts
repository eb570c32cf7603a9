import fc from 'fast-check';
import t from 'tap';
import { extendHold, type Hold, holdMs, judgeHold } from './judge-hold.js';

const hold = (over: Partial<Hold> = {}): Hold => ({
  ...{ session: 's1', personId: 'p1', name: '张三', overrules: false, since: 1_000, until: 1_000 + holdMs },
  ...over,
});
const ask = (over: Partial<Hold & { takeOver: boolean }> = {}) => ({
  ...{ session: 's2', personId: 'p2', name: '李四', overrules: false, takeOver: false },
  ...over,
});

t.test('who gets it', async (t) => {
  t.match(judgeHold(undefined, ask(), 5_000), { kind: 'granted', isNew: true, hold: { since: 5_000, until: 25_000 } });
  t.match(judgeHold(hold(), ask(), 2_000), { kind: 'held', canTakeOver: false, by: { name: '张三' } });
  t.match(judgeHold(hold(), ask({ takeOver: true }), 2_000), { kind: 'held' }, 'who may not does not by asking');
  t.match(judgeHold(hold(), ask({ overrules: true }), 2_000), { kind: 'held', canTakeOver: true }, 'nor by accident');
  t.match(judgeHold(hold(), ask({ overrules: true, takeOver: true }), 2_000), {
    kind: 'granted',
    from: { name: '张三' },
  });
  const chief = hold({ overrules: true });
  t.match(judgeHold(chief, ask({ overrules: true, takeOver: true }), 2_000), { kind: 'held', canTakeOver: false });
  t.match(
    judgeHold(chief, ask({ personId: 'p1', takeOver: true }), 2_000),
    { kind: 'granted', isNew: true },
    'one’s own window',
  );
  t.match(judgeHold(hold(), ask(), 1_000 + holdMs), { kind: 'granted', from: undefined }, 'it lapses');
  t.match(judgeHold(hold(), ask({ session: 's1', personId: 'p1' }), 9_000), { isNew: false, hold: { since: 1_000 } });
});

t.test('in whatever order people come: one hand at a time, and the later one is known as such', async () => {
  const people = ['a', 'b', 'c'];
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: holdMs * 2 }),
    who: fc.constantFrom(...people),
    window: fc.constantFrom('1', '2'),
    does: fc.constantFrom('ask' as const, 'take over' as const, 'say' as const, 'leave' as const),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let row: Hold | undefined;
      let nowMs = 1_000_000;
      /** Sessions that were told they have it, and not since that they lost it. */
      const believe = new Map<string, number>();
      for (const { waitMs, who, window, does } of steps) {
        nowMs += waitMs;
        const session = who + window;
        const before = row;
        if (does === 'ask' || does === 'take over') {
          const overrules = who === 'a';
          const judged = judgeHold(
            row,
            { session, personId: who, name: who, overrules, takeOver: does === 'take over' },
            nowMs,
          );
          if (judged.kind === 'granted') {
            row = judged.hold;
            believe.set(session, row.since);
            if (before && before.session !== session && before.until > nowMs) {
              if (does !== 'take over') throw new Error('taken from somebody by accident');
              if (before.personId !== who && (!overrules || before.overrules)) throw new Error('taken by who may not');
            }
            if (before && judged.isNew && row.since <= before.since) throw new Error('the later one is not known');
          } else if (!before || before.until <= nowMs) throw new Error('nobody has it, and it is not given');
        } else if (does === 'say') {
          const held = extendHold(row, session, nowMs);
          if (held) row = held;
          else believe.delete(session);
          if (held && !believe.has(session)) throw new Error('who never got it turns it');
        } else if (row?.session === session) row = { ...row, until: nowMs };
        const able = [...believe.keys()].filter((one) => extendHold(row, one, nowMs));
        if (able.length > 1) throw new Error(`${able.length} hands`);
      }
    }),
  );
});
