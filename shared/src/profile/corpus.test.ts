import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import {
  countModels,
  formatIssue,
  instanceOf,
  lintProfiles,
  loadCorpus,
  profileJsonSchema,
  runVectors,
  templateJsonSchema,
  vectorsJsonSchema,
} from './index.js';

const root = fileURLToPath(new URL('../../../firmware-profiles/', import.meta.url));
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
const corpus = loadCorpus(files);

t.test('the corpus has nothing to complain of', async (t) => {
  t.same(lintProfiles(files).map(formatIssue), []);
  t.ok(corpus.profiles.length >= 12, `${corpus.profiles.length} profiles`);
  const { models, instances } = countModels(corpus);
  t.comment(`${models} models, ${instances} instances of them, ${corpus.templates.length} templates`);
  const described = new Set(corpus.vectors.map(({ file }) => file.profile));
  const bare = corpus.entries.filter((entry) => !described.has(entry.id) && !instanceOf(entry, corpus));
  t.same(
    bare.map(({ id }) => id),
    [],
    'vectors for each model',
  );
  const known = new Set<string>(corpus.entries.map(({ id }) => id));
  t.same(
    [...described].filter((id) => !known.has(id)),
    [],
    'and none left over',
  );
});

for (const { id, profile } of corpus.entries) {
  t.test(`vectors of ${id}`, async (t) => {
    const vectors = corpus.vectors.find(({ file }) => file.profile === id);
    if (!vectors) return t.pass('an instance, shown by its base');
    const report = runVectors(profile, vectors.file);
    t.same(report.failures, []);
    t.equal(report.passed, vectors.file.vectors.length);
    t.same(report.untested, []);
  });
}

t.test('a vector that is wrong fails, whatever its kind', async (t) => {
  for (const { file } of corpus.vectors) {
    const profile = corpus.entries.find(({ id }) => id === file.profile)?.profile;
    if (!profile) return t.fail(file.profile);
    for (const vector of file.vectors) {
      const wrong = structuredClone(vector);
      if (wrong.kind === 'derived') wrong.expect = { ...wrong.expect, nowhere: 1 };
      else if ('problems' in wrong) wrong.problems = [...wrong.problems, 'nowhere'];
      else if ('send' in wrong) wrong.send = wrong.send.map((hex) => `${hex} 00`);
      else if ('writes' in wrong) wrong.writes = wrong.writes.slice(1);
      else if ('write' in wrong) wrong.write.address += 1;
      else if ('publishes' in wrong) wrong.publishes = [{ topic: 'x', payload: 'y' }];
      else if ('arguments' in wrong) wrong.arguments = { ...wrong.arguments, never: 1 };
      else wrong.events = [...wrong.events, { event: 'never', data: {} }];
      t.equal(runVectors(profile, { profile: file.profile, vectors: [wrong] }).failures.length, 1, vector.name);
    }
  }
});

t.test('the JSON Schemas for editors are current', async (t) => {
  const schemas = {
    'profile.schema.json': profileJsonSchema(),
    'template.schema.json': templateJsonSchema(),
    'vectors.schema.json': vectorsJsonSchema(),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    const path = join(root, name);
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env.UPDATE_PROFILE_SCHEMAS) writeFileSync(path, text);
    const current = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    t.same(current, JSON.parse(text), `if not, run this test once with UPDATE_PROFILE_SCHEMAS=1: ${name}`);
  }
});
