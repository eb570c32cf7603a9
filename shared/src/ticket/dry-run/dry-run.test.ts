import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { dryRun } from './dry-run.js';
import { dryScriptSchema } from './dry-script.js';

const script = dryScriptSchema.parse([
  { as: 'desk', make: { fields: { title: '路灯不亮' } } },
  { as: 'desk', command: { do: 'submit', action: 'one', to: ['works'] } },
  { as: 'works', command: { do: 'sign' }, afterMinutes: 10 },
  { as: 'works', command: { do: 'submit', action: 'done', fields: {} } },
  { as: 'works', command: { do: 'submit', action: 'done', fields: { result: '已换灯' } }, afterMinutes: 50 },
  { as: 'desk', command: { do: 'submit', action: 'close', fields: { pleased: 5 } } },
]);

t.test('a script is played; what is refused says why and the rest goes on', async (t) => {
  const { steps, offers, parties } = dryRun(tryKind, script);
  t.same(
    steps.map(({ refusal }) => refusal?.code),
    [undefined, undefined, undefined, 'fields_missing', undefined, undefined],
  );
  t.match(steps[3], { lines: [], refusal: { context: { fields: ['result'] } } });
  t.match(steps.at(-1)?.state, { status: 'ended', outcome: 'closed', marks: { solved: Number, confirmed: Number } });
  t.same(offers, []);
  t.ok(Object.values(parties).some(({ kind, name }) => kind === 'office' && name === 'works'));
  t.equal((steps[4]?.at ?? 0) - (steps[0]?.at ?? 0), 60 * 60_000);
});

t.test('the same script comes to the same, to the last id', async (t) => {
  t.strictSame(dryRun(tryKind, script), dryRun(structuredClone(tryKind), script));
});

t.test('after each step it says who may do what', async (t) => {
  t.match(dryRun(tryKind, script.slice(0, 1)).offers, [
    { as: 'desk', do: 'submit', action: { id: 'one' }, chooses: 1, required: ['title'] },
    { chooses: 5 },
    { chooses: 5 },
    { chooses: 5 },
  ]);
  t.match(dryRun(tryKind, script.slice(0, 2)).offers, [{ as: 'works', do: 'sign' }]);
});

t.test('what is no act, or comes before there is a ticket, is refused, never thrown', async (t) => {
  const run = dryRun(tryKind, [
    { as: 'desk', command: { do: 'sign' }, afterMinutes: 0 },
    { as: 'desk', make: { fields: { title: 'x' }, level: null, source: 'console' } },
    { as: 'desk', command: { do: 'dance' }, afterMinutes: 0 },
    { as: 'stranger', command: { do: 'submit', action: 'one' }, afterMinutes: 0 },
    { as: 'desk', make: { fields: {}, level: null, source: 'console' } },
  ]);
  t.same(
    run.steps.map(({ refusal }) => refusal?.code),
    ['not_now', undefined, 'field_invalid', 'field_invalid', 'not_now'],
  );
});
