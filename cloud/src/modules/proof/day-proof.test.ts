import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { dayProof, type GapRange, hourProof, type SealRecord, type SealSide, type StreamFacts } from './day-proof.js';

const lane = 'live' as const;
const epoch = '00000000000000a1';
const hourMs = 3_600_000;

/** What may become of one row between the two ends. */
type Fate = 'stored' | 'aside' | 'thinned' | 'restored' | 'vanished' | 'doubled' | 'changed';

interface Model {
  readonly fates: readonly Fate[][];
  /** How many of all rows the cursor covers. */
  readonly cursor: number;
}

const chainAt = (seq: number, salt = ''): string => createHash('sha256').update(`${salt}${seq}`).digest('hex');

/** The rows of both ends that such a history leaves: the reference builds them row by row. */
const build = ({ fates, cursor }: Model) => {
  const records: SealRecord[] = [];
  const gaps: GapRange[] = [];
  let seq = 0;
  let salt = '';
  for (const [i, hour] of fates.entries()) {
    const first = seq + 1;
    let cloud = null as SealSide | null;
    let aside = 0;
    for (const fate of hour) {
      seq++;
      if (seq > cursor) continue;
      if (fate === 'changed') salt = 'x';
      const reason = fate === 'thinned' ? 'thinned' : fate === 'restored' ? 'restored' : null;
      if (reason) gaps.push({ lane, epoch, fromSeq: seq, toSeq: seq, reason, chain: chainAt(seq, salt) });
      if (reason || fate === 'vanished') continue;
      if (fate === 'aside') aside++;
      cloud = {
        firstSeq: cloud?.firstSeq ?? seq,
        lastSeq: seq,
        count: (cloud?.count ?? 0) + (fate === 'doubled' ? 2 : 1),
        chain: chainAt(seq, salt),
      };
    }
    if (hour.length === 0) continue;
    records.push({
      ...{ lane, epoch, hour: i * hourMs, cloud, aside, delayMaxMs: cloud ? i : null },
      unit: { firstSeq: first, lastSeq: seq, count: hour.length, chain: chainAt(seq) },
    });
  }
  const stream: StreamFacts = { lane, epoch, cursor: Math.min(cursor, seq), chain: '', closed: false, closedBy: null };
  return { records, gaps, stream, rows: seq };
};

const fate = (bad: boolean): fc.Arbitrary<Fate> =>
  bad
    ? fc.constantFrom('stored', 'stored', 'aside', 'thinned', 'restored', 'vanished', 'doubled', 'changed')
    : fc.constantFrom('stored', 'stored', 'stored', 'aside', 'thinned');
const model = (bad: boolean): fc.Arbitrary<Model> =>
  fc.record({
    fates: fc.array(fc.array(fate(bad), { maxLength: 8 }), { maxLength: 6 }),
    cursor: fc.integer({ min: 0, max: 50 }),
  });

const countOf = ({ fates, cursor }: Model, ...wanted: Fate[]): number =>
  fates.flat().filter((one, i) => i < cursor && wanted.includes(one)).length;

t.test('every row is counted under what became of it, and the sum is what the unit wrote', async (t) => {
  fc.assert(
    fc.property(fc.boolean().chain(model), (given) => {
      const { records, gaps, stream, rows } = build(given);
      const hours = records.map((record) => hourProof(record, stream, gaps));
      const { figures, verdict } = dayProof(hours, []);
      const waiting = Math.max(0, rows - given.cursor);
      const doubled = countOf(given, 'doubled');
      const vanished = countOf(given, 'vanished');
      if (figures.produced !== rows || figures.waiting !== waiting) return false;
      if (figures.thinned !== countOf(given, 'thinned') || figures.aside !== countOf(given, 'aside')) return false;
      for (const { figures: f } of hours) {
        if (f.produced !== f.stored + f.aside + f.thinned + f.lost + f.waiting - f.twice) return false;
      }
      // Within one hour a row that vanished and one that doubled hide each other in the counts, never in the chain.
      if (figures.lost - figures.twice !== vanished + countOf(given, 'restored') - doubled) return false;
      const wrong = countOf(given, 'vanished', 'restored', 'doubled', 'changed');
      if (wrong === 0) {
        if (verdict === 'different') return false;
        if (waiting === 0 && rows > 0 && verdict !== (figures.thinned > 0 ? 'thinned' : 'proven')) return false;
      }
      if (waiting > 0 && (verdict === 'proven' || verdict === 'thinned' || verdict === 'none')) return false;
      return true;
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

t.test('a lost, doubled or changed row is never called proven', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fate(false), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom<Fate>('vanished', 'doubled', 'restored'),
      fc.nat(),
      (fates, bad, at) => {
        const hour = fates[at % fates.length]!;
        // One bad row in an hour whose other rows are all there: no other can hide it.
        hour[at % hour.length] = bad;
        const { records, gaps, stream } = build({ fates, cursor: 100 });
        return (
          dayProof(
            records.map((record) => hourProof(record, stream, gaps)),
            [],
          ).verdict === 'different'
        );
      },
    ),
    { numRuns: 2_000 },
  );
  const { records, gaps, stream } = build({ fates: [['stored', 'changed', 'stored']], cursor: 3 });
  t.match(hourProof(records[0]!, stream, gaps), { state: 'different', figures: { lost: 0, twice: 0 } });
});

t.test('closed epochs: renumbered rows are no loss, those of a damaged file are', async (t) => {
  const { records, gaps, stream } = build({ fates: [['stored', 'stored', 'stored', 'stored']], cursor: 3 });
  const closed = (closedBy: string | null) => hourProof(records[0]!, { ...stream, closed: true, closedBy }, gaps);
  t.match(closed('rollback'), { state: 'equal', carried: 1, figures: { produced: 3, stored: 3, lost: 0, waiting: 0 } });
  for (const reason of ['damaged', 'replaced'])
    t.match(closed(reason), { state: 'different', carried: 0, figures: { produced: 4, stored: 3, lost: 1 } });
});

t.test('an hour without the unit’s seal is open, or for ever unknown once its epoch is closed', async (t) => {
  const { records, stream } = build({ fates: [['stored', 'stored']], cursor: 2 });
  const unsealed = { ...records[0]!, unit: null };
  t.match(hourProof(unsealed, stream, []), { state: 'open', figures: { produced: 0, stored: 0, unsealed: 2 } });
  const forGood = hourProof(unsealed, { ...stream, closed: true, closedBy: 'damaged' }, []);
  t.equal(forGood.state, 'unknown');
  t.equal(dayProof([forGood], []).verdict, 'different');
  t.equal(dayProof([hourProof(unsealed, stream, [])], []).verdict, 'pending');
});

t.test('notes: what no hour covers', async (t) => {
  const note = { lane, at: 0, reason: 'restored' };
  t.match(dayProof([], [{ ...note, kind: 'gap', rows: 5 }]), {
    verdict: 'different',
    figures: { produced: 5, lost: 5 },
  });
  t.match(dayProof([], [{ ...note, kind: 'gap', rows: 5, reason: 'thinned' }]), {
    verdict: 'thinned',
    figures: { produced: 5, thinned: 5, lost: 0 },
  });
  t.match(dayProof([], [{ ...note, kind: 'rollback', rows: 7 }]), { verdict: 'different', figures: { twice: 7 } });
  t.equal(dayProof([], [{ ...note, kind: 'rollback', rows: 0 }]).verdict, 'none');
  t.equal(dayProof([], [{ ...note, kind: 'damaged', rows: null }]).verdict, 'different');
  t.equal(dayProof([], []).verdict, 'none');
});
