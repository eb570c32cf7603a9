import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { startTestApp } from '../../http/testing.js';
import { blankKind } from './blank-kind.js';
import { checkDocument, largestDocument } from './check-document.js';
import { ticketKindRoutes } from './routes.js';

const at = { code: 'bad', calendars: new Set<string>() };
const blank = (): TicketKind => structuredClone(blankKind('bad', { zh: '坏' }));
const label = { zh: '字' };

t.test('ten thousand fields, five thousand steps: told, and soon', async (t) => {
  const field = (i: number) => ({ key: `f${i}`, label, type: 'text' });
  const fields = checkDocument({ ...blank(), fields: Array.from({ length: 10_000 }, (_, i) => field(i)) }, at);
  t.equal(fields.kind, undefined);
  t.match(fields.faults, [{ code: 'shape', path: 'fields' }]);
  const steps = checkDocument({ ...blank(), steps: Array.from({ length: 5_000 }, () => null) }, at);
  t.ok(steps.faults.length <= 200, 'so many are told and no more');
  t.throws(() => checkDocument({ ...blank(), note: 'x'.repeat(largestDocument) }, at), { code: 'too_large' });
  for (const nothing of [null, 5, 'kind', [], undefined]) t.equal(checkDocument(nothing, at).kind, undefined);
});

/** A kind with so many conditions. */
const withConditions = (feel: string, count: number): TicketKind => {
  const kind = blank();
  const [dispatch] = kind.steps;
  if (!dispatch) throw new RangeError('it has a first step');
  const rules = Array.from({ length: count }, () => ({ when: feel, to: [{ kind: 'initiator' as const }] }));
  const ways = Array.from({ length: Math.ceil(count / 50) }, (_, i) => ({
    ...{ ...dispatch, id: `s${i}`, who: [...rules.slice(i * 50, i * 50 + 50)] },
  }));
  return { ...kind, steps: [...kind.steps, ...ways] };
};

t.test('conditions that a parser chews on for ever are refused', async (t) => {
  for (const feel of ['('.repeat(499) + 1 + ')'.repeat(499), '{a:'.repeat(240) + 1 + '}'.repeat(240)]) {
    const { faults } = checkDocument(withConditions(feel, 200), at);
    t.match(faults[0], { code: 'feel_broken', severity: 'error', about: /more than 50 deep/ }, feel.slice(0, 9));
  }
  // How much of this a machine reads in the time that there is depends on the machine; that it ends does not.
  const begin = performance.now();
  const { faults } = checkDocument(withConditions('"'.repeat(999), 200), at);
  t.match(faults[0], { code: /^(too_much_feel|feel_broken)$/, severity: 'error' });
  t.ok(performance.now() - begin < 60_000, 'with a bound');
  t.match(checkDocument(withConditions('level = null', 2_100), at).faults, [{ code: 'too_much_feel' }], 'too many');
  t.ok(checkDocument(withConditions('level = null', 40), at).kind, 'forty short ones are nothing');
});

t.test('conditions that would run for ever are faults', async (t) => {
  for (const feel of [
    'matches(title, "^(a+)+$")',
    'for x in [1..1000000000] return x',
    'some x in [1..1000000000] satisfies x < 0',
    'now() > null',
    'title >',
    'secret > 3',
  ]) {
    const { faults } = checkDocument(withConditions(feel, 1), at);
    t.ok(
      faults.some(({ code, severity }) => code.startsWith('feel_') && severity === 'error'),
      feel,
    );
  }
});

t.test('over the API', async (t) => {
  const app = await startTestApp(t, { routes: ticketKindRoutes });
  const owner = await app.signInAs('owner');
  await owner.post('/ticket-kinds', { code: 'bad', label });
  const put = (document: unknown) => owner.put('/ticket-kinds/bad/draft', document, 1);
  t.equal((await put({ note: 'x'.repeat(5_000_000) })).status, 413, 'five megabytes');
  t.equal((await put({ note: 'x'.repeat(600_000) })).status, 413);
  let deep: unknown = 1;
  for (let i = 0; i < 1_000; i++) deep = { deep };
  t.equal((await put(deep)).status, 400, 'deep nesting');
  t.equal((await put([1, 2])).status, 400);
  const odd = await put({ label: { zh: 'a\u0000b' }, '\u0000': 1, constructor: { prototype: 1 } });
  t.equal(odd.status, 200, 'strange letters');
  t.equal((await owner.get('/ticket-kinds/bad')).status, 200);
  t.equal(
    (
      await owner.post('/ticket-kinds/bad/dry-run', {
        script: Array.from({ length: 101 }, () => ({ as: 'a', make: {} })),
      })
    ).status,
    400,
  );
  const year = { as: 'a', command: { do: 'comment', opinion: 'x' }, afterMinutes: 400_000 };
  t.equal((await owner.post('/ticket-kinds/bad/dry-run', { script: [year, year] })).status, 400, 'more than a year');
  const played = await owner.post('/ticket-kinds/bad/dry-run', {
    document: blank(),
    script: [
      { as: 'a', command: { do: 'submit', task: { $ne: 1 }, to: '__proto__' } },
      { as: 'a', make: { fields: { title: 'x'.repeat(50_000) } } },
      { as: 'constructor', make: { fields: { nobody: 1 } } },
    ],
  });
  t.equal(played.status, 200);
  t.ok(
    played.body.steps.every((one: { refusal?: object }) => one.refusal),
    'each refused, none thrown',
  );
});
