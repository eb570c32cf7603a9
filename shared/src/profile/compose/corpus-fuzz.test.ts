import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parseDocument } from 'yaml';
import { lintCorpus } from '../lint-profiles.js';
import { type CorpusFile, loadCorpus } from '../load-corpus.js';
import { parseProfile } from '../parse-profile.js';
import { CorpusMemory } from './corpus-memory.js';
import { firmwareSets } from './firmware-sets.js';
import { resolveForFirmware } from './resolve-firmware.js';

const root = new URL('../../../../firmware-profiles/', import.meta.url);
const corpus: CorpusFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
const templates = corpus.filter(({ path }) => path.startsWith('templates/'));
const meter = corpus.find(({ path }) => path === 'eastron/sdm630.yaml')?.text ?? '';
const rich = `${meter}
derived: { power: { feel: powerL1 + powerL2 + powerL3 } }
variants: [{ firmware: ">=2", bindings: { modbus: { points: { powerL1: { address: 99 } } } } }]
simulation: { values: { power: { fixed: 1 } } }
`.replace(/^ {6}power:.*\n/m, '');
const child = `schema: 1
vendor: eastron
model: child
label: { zh: 子, en: Child }
version: 1.0.0
source: { kind: own, document: x }
extends: eastron/sdm630
uses: [temperature-humidity]
thing: { properties: [{ id: demand, remove: true }, { id: power, range: [0, 1] }] }
bindings: { modbus: { points: { demand: null } } }
`;
const files: CorpusFile[] = [
  ...templates,
  { path: 'eastron/sdm630.yaml', text: rich },
  { path: 'eastron/child.yaml', text: child },
];

const junk = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e9, '', '*', '>=2', 'x', '__proto__', 'constructor', [], {}, [[]], [{ id: 'x' }]),
  fc.string({ maxLength: 8 }),
  fc.double(),
);
const cut = fc.record({
  file: fc.nat(files.length - 1),
  /** Which branch is taken at each depth, and how deep it goes. */
  steps: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
  change: fc.oneof(junk, fc.constant('delete' as const), fc.constant('double' as const)),
});

/** A file with something in it removed, doubled or replaced by something else. */
function hurt(text: string, { steps, change }: { steps: readonly number[]; change: unknown }): string {
  const document = parseDocument(text);
  const path: (string | number)[] = [];
  let value: unknown = document.toJS();
  for (const step of steps) {
    const keys = value !== null && typeof value === 'object' ? Object.keys(value) : [];
    const key = keys[step % (keys.length || 1)];
    if (key === undefined) break;
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown>)[key];
  }
  if (path.length === 0) return text;
  if (change === 'delete') document.deleteIn(path);
  else if (change === 'double') {
    const last = path.at(-1);
    if (typeof last === 'number') document.addIn(path.slice(0, -1), value);
    else document.setIn([...path.slice(0, -1), 'twice'], value);
  } else document.setIn(path, change);
  return document.toString();
}

t.test('whatever is changed in files that are made of one another, they load or are told what is wrong', async (t) => {
  const memory = new CorpusMemory();
  let whole = 0;
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 2 }), (cuts) => {
      const changed = files.map(({ path, text }, index) => {
        const mine = cuts.filter(({ file }) => file === index);
        return { path, text: mine.reduce((one, change) => hurt(one, change), text) };
      });
      const loaded = loadCorpus(changed, memory);
      if (loaded.entries.length === 2) whole += 1;
      for (const { profile } of loaded.entries) {
        for (const { firmware } of firmwareSets((profile.variants ?? []).map((one) => one.firmware)))
          resolveForFirmware(profile, firmware);
      }
      const paths = new Set(changed.map(({ path }) => path));
      return lintCorpus(loaded, changed).every(
        ({ file, line, column, message }) => paths.has(file) && line >= 1 && column >= 1 && message.length > 0,
      );
    }),
    { numRuns: 60 },
  );
  t.ok(whole > 0, `${whole} runs left both profiles whole: not every change is a fault`);
});

t.test('the memory knows nothing that a fresh load does not', async (t) => {
  const memory = new CorpusMemory();
  fc.assert(
    fc.property(cut, (change) => {
      const changed = files.map(({ path, text }, index) => ({
        path,
        text: index === change.file ? hurt(text, change) : text,
      }));
      const plain = ({ entries, issues }: ReturnType<typeof loadCorpus>) =>
        JSON.stringify([entries.map(({ profile }) => profile), issues]);
      return plain(loadCorpus(changed, memory)) === plain(loadCorpus(changed));
    }),
    { numRuns: 25 },
  );
  t.pass();
});

t.test('any text at all', async (t) => {
  const pieces = [
    'a: ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '!!binary ',
    '? ',
    '|\n',
    '"',
    "'",
    '\n',
    '  ',
    '<<: ',
    '%',
    '---\n',
    '\t',
    '\0',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => all.join('')),
    fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((all) => `${meter}${all.join('')}`),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      const parsed = parseProfile(yaml, 'x.yaml');
      return parsed.ok || parsed.issues.every(({ line, column }) => line >= 1 && column >= 1);
    }),
    { numRuns: 300 },
  );
  for (const bomb of [
    '['.repeat(20_000),
    '{a: '.repeat(10_000),
    '- '.repeat(10_000),
    'a: &a [*a]\n',
    '? '.repeat(10_000),
  ]) {
    t.notOk(parseProfile(bomb, 'x.yaml').ok, `${bomb.slice(0, 10)}…`);
  }
});
