import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { clockSchema } from '../kind/clock-schema.js';
import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';
import { lintKind } from './lint-kind.js';

type Row = { readonly when?: string };

const pathsOf = (change: (kind: TicketKind) => unknown): string[] => {
  const kind = structuredClone(tryKind);
  change(kind);
  return lintKind(ticketKindSchema.parse(kind), { calendars: new Set() })
    .filter(({ code, severity }) => code === 'never_reached' && severity === 'warning')
    .map(({ path, about }) => `${path} ${about}`);
};

/** Which rows are never reached, counted from one. */
const rowsOf = (...rows: (string | undefined)[]): number[] =>
  pathsOf((kind) => {
    const action = kind.steps.find(({ id }) => id === 'visit')?.actions[0];
    action?.to.splice(0, 9, ...rows.map((when) => ({ step: 'dispatch', ...(when === undefined ? {} : { when }) })));
  }).map((path) => Number(path.split(' ')[1]));

t.test('a row behind one that always holds, or that asks the same, is told to its author', async (t) => {
  t.same(rowsOf('pleased > 3', 'pleased > 2', undefined), [], 'a kind as it should be');
  t.same(rowsOf(undefined, 'pleased > 3', undefined), [2, 3], 'without a condition');
  t.same(rowsOf('pleased > 3', 'true', undefined), [3]);
  t.same(rowsOf(' ( 1 < 2 ) ', undefined), [2], 'whatever is written for it');
  t.same(rowsOf('pleased > 3', 'pleased  >\n3 ', undefined), [2], 'the same, spaced otherwise');
  t.same(rowsOf('result = "a b"', 'result = "a  b"', undefined), [], 'but not within quotes');
  t.same(rowsOf('false', 'null', '"words"', '1', undefined), [], 'what never holds covers nothing');
  t.same(rowsOf('pleased >', 'happy', 'now > "2026"', undefined), [], 'nor what cannot be read or may change');
});

t.test('wherever the first row counts that holds, with its place', async (t) => {
  const rows: readonly Row[] = [{ when: 'true' }, {}];
  t.same(
    pathsOf((kind) => {
      const visit = kind.steps.find(({ id }) => id === 'visit');
      if (visit) visit.who = rows.map((row) => ({ ...row, to: [{ kind: 'initiator' }] }));
      const action = visit?.actions[0];
      if (action) action.to = rows.map((row) => ({ ...row, step: 'dispatch' }));
      const clock = {
        id: 'c',
        label: { zh: '钟' },
        purpose: 'handling',
        from: { at: 'made' },
        until: [{ at: 'ended' }],
      };
      kind.clocks.push(clockSchema.parse({ ...clock, targets: rows.map((row) => ({ ...row, minutes: 1 })) }));
    }),
    [
      ...[
        'steps.visit.who.1 2',
        `steps.visit.actions.${tryKind.steps.find(({ id }) => id === 'visit')?.actions[0]?.id}.to.1 2`,
      ],
      'clocks.c.targets.1 2',
    ],
  );
});
