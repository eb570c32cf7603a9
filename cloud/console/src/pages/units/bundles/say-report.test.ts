import t from 'tap';
import type { BundleReport, LaneReport } from '../../../api/bundles.js';
import { sayReport, verdictOf } from './say-report.js';

const lane = (patch: Partial<LaneReport>): LaneReport => ({
  ...{ lane: 'live', rows: 0, repeated: 0, aside: 0, cursor: 9, result: 'committed', reason: null },
  ...patch,
});
const keys = (report: BundleReport) => sayReport(report).map(({ key, count }) => [key, count]);

t.test('all of it taken', async (t) => {
  const report: BundleReport = {
    lanes: [lane({ rows: 3 }), lane({ lane: 'events', rows: 2, repeated: 1, aside: 1 })],
    evidence: [
      { id: 'a', state: 'complete', reason: null },
      { id: 'b', state: 'uploading', reason: null },
    ],
  };
  t.same(keys(report), [
    ['aside', 1],
    ['rows', 5],
    ['files', 1],
    ['filesWaiting', 1],
  ]);
  t.equal(verdictOf({ complete: true, report }), 'whole');
});

t.test('the same bundle again', async (t) => {
  const report = { lanes: [lane({ repeated: 2 })], evidence: [] };
  t.same(keys(report), [['known', undefined]]);
  t.equal(verdictOf({ complete: true, report }), 'known');
});

t.test('what could not be taken comes first', async (t) => {
  const refused = { id: 'a', state: 'refused', reason: 'no JPEG' } as const;
  const report: BundleReport = {
    lanes: [lane({ rows: 1 }), lane({ lane: 'backlog', result: 'resync' }), lane({ lane: 'events', result: 'busy' })],
    evidence: [refused, { ...refused, id: 'b' }],
  };
  t.match(sayReport(report), [
    { key: 'resync', lane: 'backlog', tone: 'bad' },
    { key: 'busy', lane: 'events', tone: 'warn' },
    { key: 'filesRefused', count: 2, detail: 'no JPEG' },
    { key: 'rows', count: 1 },
  ]);
  t.equal(verdictOf({ complete: false, report }), 'partly');
});

t.test('a bundle with nothing in it', async (t) => {
  t.same(keys({ lanes: [], evidence: [] }), [['nothing', undefined]]);
});
