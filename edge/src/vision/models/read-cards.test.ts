import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { outputsNeeded } from '../inference/decoders/index.js';
import { tinyCatalogue } from './__fixtures__/tiny-model.js';
import { modelRoles, modelSettingsSchema, ownCardSchema } from './model-card.js';
import { readParityVectors } from './parity/parity.js';
import { catalogueFolder, readCards } from './read-cards.js';

t.test('the catalogue is whole', async (t) => {
  const { cards, catalogue, problems } = readCards(t.testdir({}));
  t.same(problems, []);
  const files = readdirSync(catalogueFolder()).filter((name) => name.endsWith('.yaml'));
  t.same([...catalogue.keys()].sort(), files.map((name) => path.basename(name, '.yaml')).sort(), 'named after its id');
  t.same(new Set(cards.map(({ role }) => role)), new Set(modelRoles), 'each role can be served');
  for (const card of cards) {
    const vectors = readParityVectors(card.id);
    t.same(
      Object.keys(vectors?.outputs ?? {}).sort(),
      outputsNeeded(card.output).sort(),
      `${card.id} has parity vectors`,
    );
    t.ok(card.goodAt && card.weakAt, `${card.id} says what it is good and weak at`);
    const ids = card.labels.flatMap((label) => label?.id ?? []);
    t.equal(new Set(ids).size, ids.length, `${card.id} names no label twice`);
  }
  t.same(
    [...catalogue.values()].filter(({ optional }) => optional).map(({ role }) => role),
    ['face-embedding'],
    'what compares people comes only to who asks for it',
  );
  t.ok(cards.find(({ role }) => role === 'detector')?.labels.some((label) => label?.id === 'person'));
});

t.test('a card that cannot be read is a problem of that card, with its place', async (t) => {
  const folder = t.testdir({
    catalogue: {},
    models: {
      'broken.yaml': 'version: [1',
      'other.yaml': 'version: 1\nid: other\nrole: oracle\n',
      'tiny.settings.yaml': 'version: 1\nthresholds: { sure: 0.1 }\n',
      'nobody.settings.yaml': 'version: 1\n',
      'choice.yaml': 'version: 1\n',
    },
  });
  tinyCatalogue(path.join(folder, 'catalogue'));
  const { cards, problems } = readCards(path.join(folder, 'models'), path.join(folder, 'catalogue'));
  t.same(
    cards.map(({ id }) => id),
    ['tiny'],
  );
  const said = problems.flatMap(({ lines }) => lines).join('\n');
  t.match(said, /broken\.yaml:1:\d+: /);
  t.match(said, /other\.yaml:3:\d+: role/);
  t.match(said, /least would be above sure/);
  t.match(said, /no model is called nobody/);
});

t.test('the cards in the engineer’s guide are right', async (t) => {
  const guide = readFileSync(new URL('../../../../docs/engineer.md', import.meta.url), 'utf8');
  const section = guide.split('## Models that look at pictures')[1]?.split('\n## ')[0] ?? '';
  const [card, settings] = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => parse(text ?? ''));
  t.match(ownCardSchema.safeParse(card), { success: true });
  t.match(modelSettingsSchema.safeParse(settings), { success: true });
});
