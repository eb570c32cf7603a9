import t from 'tap';
import { KnownStreams } from './known-streams.js';

const outcome = (result: 'committed' | 'resync' | 'rejected' | 'busy', aside = 0) => ({
  answer: {
    ...{ v: 1 as const, lane: 'live' as const, epoch: 'a'.repeat(16), firstSeq: 1, result, cursor: 1, chain: '' },
    ...{ serverTime: 0, retryAfterMs: 0 },
  },
  ...{ rows: 1, aside },
});

t.test('a stream is known from its first clean batch on', async (t) => {
  const known = new KnownStreams();
  t.notOk(known.has('u', 'live'));
  known.note('u', 'live', outcome('committed'));
  t.ok(known.has('u', 'live'));
  for (const other of ['resync', 'busy'] as const) known.note('u', 'live', outcome(other));
  t.ok(known.has('u', 'live'), 'what is asked to come again is no fault');
  t.notOk(known.has('u', 'backlog'));
  t.notOk(known.has('v', 'live'));
});

t.test('one with something wrong in it is written alone for a good while', async (t) => {
  for (const wrong of [outcome('committed', 1), outcome('rejected')]) {
    const known = new KnownStreams();
    known.note('u', 'live', outcome('committed'));
    known.note('u', 'live', wrong);
    for (let i = 0; i < 63; i++) {
      t.notOk(known.has('u', 'live'));
      known.note('u', 'live', outcome('committed'));
    }
    t.notOk(known.has('u', 'live'));
    known.note('u', 'live', outcome('committed'));
    t.ok(known.has('u', 'live'));
  }
});
