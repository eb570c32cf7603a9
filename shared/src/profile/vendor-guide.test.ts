import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import {
  formatIssue,
  lintProfiles,
  loadCorpus,
  parseProfile,
  resolveForFirmware,
  runVectors,
  vectorSchema,
} from './index.js';

const guide = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/```(yaml|json)\n([\s\S]*?)```/g)].map(([, language, text]) => ({
  language,
  text: text ?? '',
}));
const yaml = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);
const json = blocks.filter(({ language }) => language === 'json').map(({ text }) => JSON.parse(text));
const isProfile = (text: string) => text.includes('\nschema: 1\n');

const thermometer = { path: 'acme/th-10.yaml', text: yaml.slice(0, 5).join('') };
const vectors = { path: 'vectors/acme/th-10.json', text: JSON.stringify(json[0]) };
const templateFolder = new URL('../../../firmware-profiles/templates/', import.meta.url);
const templates = readdirSync(templateFolder).map((name) => ({
  path: `templates/${name}`,
  text: readFileSync(new URL(name, templateFolder), 'utf8'),
}));
const composed = yaml
  .slice(5)
  .filter(isProfile)
  .map((text) => ({ path: `acme/${/^model: (\S+)/m.exec(text)?.[1]}.yaml`, text }));

t.test('the guide’s device in twenty minutes is a clean profile', async (t) => {
  t.same(lintProfiles([thermometer, vectors]).map(formatIssue), []);
});

t.test('the guide’s composed profiles are whole', async (t) => {
  const corpus = loadCorpus([thermometer, ...templates, ...composed]);
  t.same(corpus.issues.map(formatIssue), []);
  const profile = (id: string) => corpus.entries.find((entry) => entry.id === id)?.profile;
  const meter = profile('acme/pm-3');
  if (!meter) return t.fail('no meter');
  t.equal(resolveForFirmware(meter, '2.1').profile.bindings.modbus?.points.rawTotal?.address, 8);
  const derived = vectorSchema.parse(json.find(({ kind }) => kind === 'derived'));
  t.same(runVectors(meter, { profile: 'acme/pm-3', vectors: [derived] }).failures, []);
  t.same(
    profile('acme/th-5')?.thing.properties.map(({ id }) => id),
    ['temperature'],
  );
});

t.test('the guide’s text display answers as the guide’s vectors say', async (t) => {
  const binding = yaml.find((text) => text.includes('(?<brightness>')) ?? '';
  const label = 'label: { zh: 甲, en: A }';
  const thing = `thing:
  properties:
    - { id: state, ${label}, type: enum, values: [{ id: idle, ${label} }, { id: busy, ${label} }] }
    - { id: temperature, ${label}, type: number, unit: Cel }
    - { id: brightness, ${label}, type: integer, range: [0, 15], access: rw }
  events: [{ id: keyPressed, ${label}, severity: info, fields: [{ id: key, ${label}, type: integer }] }]
  commands: [{ id: showText, ${label}, input: [{ id: text, ${label}, type: string, maxLength: 24 }] }]
`;
  const parsed = parseProfile(`${yaml[0]}${thing}${binding}`, 'acme/th-10.yaml');
  t.same(parsed.issues.map(formatIssue), []);
  if (!parsed.ok) return;
  const serial = json.filter(({ kind }) => kind?.startsWith('serial')).map((one) => vectorSchema.parse(one));
  t.equal(serial.length, 3);
  t.same(runVectors(parsed.profile, { profile: 'acme/th-10', vectors: serial }).failures, []);
});

t.test('the guide’s other bindings keep to the schema', async (t) => {
  for (const binding of yaml.slice(5).filter((text) => !isProfile(text))) {
    const parsed = parseProfile(`${yaml[0]}thing: {}\n${binding}`, 'acme/th-10.yaml');
    // The pieces name values that the empty thing model lacks; shape and keys have to be right.
    t.same(parsed.issues.filter(({ rule }) => rule !== 'reference').map(formatIssue), []);
  }
});

t.test('the guide’s single vectors keep to the schema', async (t) => {
  for (const vector of json.slice(1)) t.ok(vectorSchema.safeParse(vector).success, vector.name);
});
