import { readFileSync } from 'node:fs';
import { fieldSchema, type TicketField, type TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { askableFields, type OpenForm } from './find-form.js';
import { checkAnswers, type FormFile, mostFiles } from './submit-form.js';

/** What each type is told beside its type. */
const more: Readonly<Partial<Record<TicketField['type'], object>>> = {
  ...{ text: { maxLength: 5 }, longText: { maxLength: 5 }, number: { min: 0, max: 9 }, category: { tree: 'trees' } },
  ...{
    choice: { choices: [{ value: 'a', label: { zh: '甲' } }] },
    choices: { choices: [{ value: 'a', label: { zh: '甲' } }] },
  },
};
const every = fieldSchema.options
  .map(({ shape }) => shape.type.value)
  .map((type) => fieldSchema.parse({ key: type, label: { zh: '字段' }, type, ...more[type] }));
const edit = every.map(({ key }) => key);
const asked = askableFields({
  start: 's',
  steps: [{ id: 's', fields: { edit } }],
  fields: every,
} as unknown as TicketKind);

const values: readonly unknown[] = [
  ...[null, '', [], {}, true, 'yes', 'a', 'b', 'line\nline', 'x'.repeat(9), -1, 10, Number.NaN, '2026-02-30', '110'],
  ...[['a'], ['b'], ['a', 'a'], ['A B'], Array.from({ length: 7 }, () => 'a')],
  ...[{ text: '' }, { text: 'x'.repeat(301) }, { text: 'x', lon: 181, lat: 0 }, { text: 'x', lon: -181, lat: 0 }],
];

const codes = (fields: Record<string, unknown>, files: readonly FormFile[] = [], required: readonly string[] = []) => {
  const open = { fields: asked, required: new Set(required), categories: new Map() } as unknown as OpenForm;
  return checkAnswers(open, { fields, files }).map(({ problem }) => problem);
};

t.test('who wants to be called or texted gives a number', async (t) => {
  const wantsAnswer = fieldSchema.parse({
    ...{ key: 'wantsAnswer', type: 'choice', label: { zh: '答复' } },
    choices: ['phone', 'none'].map((value) => ({ value, label: { zh: value } })),
  });
  const phone = asked.filter(({ type }) => type === 'phone');
  const open = { fields: [wantsAnswer, ...phone], required: new Set(), categories: new Map() } as unknown as OpenForm;
  const faults = (fields: object) => checkAnswers(open, { fields: { ...fields }, files: [] });
  t.same(faults({ wantsAnswer: 'phone' }), [{ field: 'phone', problem: 'required' }]);
  t.same([...faults({ wantsAnswer: 'none' }), ...faults({ wantsAnswer: 'phone', phone: '13812348000' })], []);
});

t.test('the protocol names every code of an answer that does not fit, and no other', async (t) => {
  const file = (field: string): FormFile => ({ field, name: 'a.png', bytes: new Uint8Array(1) });
  const seen = new Set([
    ...asked.flatMap(({ key }) => values.flatMap((value) => codes({ [key]: value }, [], [key]))),
    ...[...codes({ money: 1 }), ...codes({}, [file('text')])],
    ...codes(
      {},
      Array.from({ length: mostFiles + 1 }, () => file('files')),
    ),
  ]);
  const page = readFileSync(new URL('../../../../../docs/protocol.md', import.meta.url), 'utf8');
  const table = /\| code of an answer \|[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page)?.[1] ?? '';
  const told = [...table.matchAll(/^\| `(\w+)` \| \S/gm)].map(([, code]) => code);
  t.same([...told].sort(), [...seen].sort());
});
