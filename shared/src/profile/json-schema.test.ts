import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parse } from 'yaml';
import { profileJsonSchema, templateJsonSchema, vectorsJsonSchema } from './json-schema.js';

const root = new URL('../../../firmware-profiles/', import.meta.url);
const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = {
  profile: ajv.compile(profileJsonSchema()),
  template: ajv.compile(templateJsonSchema()),
  vectors: ajv.compile(vectorsJsonSchema()),
};
const complaints = (kind: keyof typeof validators, document: unknown) => {
  const validate = validators[kind];
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

t.test('an editor finds nothing wrong with the files of the corpus', async (t) => {
  for (const name of names.filter((one) => one.endsWith('.yaml'))) {
    t.same(complaints(name.startsWith('templates/') ? 'template' : 'profile', parse(read(name))), [], name);
  }
  for (const name of names.filter((one) => /^vectors\/.*\.json$/.test(one))) {
    t.same(complaints('vectors', JSON.parse(read(name))), [], name);
  }
});

t.test('an editor underlines slips, in what is composed as well', async (t) => {
  const whole = () => parse(read('hallhub/led-w4.yaml'));
  t.same(complaints('profile', whole()), []);
  t.ok(complaints('profile', { ...whole(), colour: 'red' }).length > 0, 'a key that is not known');
  t.ok(complaints('profile', { ...whole(), thing: { properties: [{ id: 'level' }] } }).length > 0, 'half a property');
  const names = { label: { zh: '甲', en: 'A' }, version: '1.0.0', source: { kind: 'own', document: 'x' } };
  const child = { schema: 1, vendor: 'acme', model: 'x', extends: 'hallhub/led-w4', ...names };
  const patch = (more: object) => complaints('profile', { ...child, ...more });
  t.same(patch({}), []);
  t.same(
    patch({ thing: { properties: [{ id: 'level' }, { id: 'text', remove: true }] } }),
    [],
    'half a property will do',
  );
  t.same(patch({ bindings: { modbus: { points: { level: { address: 4 }, text: null } } } }), []);
  t.ok(patch({ thing: { properties: [{ id: 'level', colour: 'red' }] } }).length > 0);
  t.ok(patch({ bindings: { modbus: { points: { level: { addres: 4 } } } } }).length > 0);
  t.ok(patch({ bindings: { modbus: { points: { level: { address: 'x' } } } } }).length > 0);
  t.ok(patch({ variants: [{ bindings: {} }] }).length > 0, 'a variant without its firmware');
  t.same(patch({ variants: [{ firmware: '>=2', bindings: { modbus: { points: { level: null } } } }] }), []);
  const user = { ...whole(), uses: ['energy'], thing: { properties: [{ id: 'energyImport', range: [0, 1] }] } };
  t.same(complaints('profile', user), [], 'with templates, too');
  const { bindings: _, ...unbound } = user;
  t.ok(complaints('profile', unbound).length > 0, 'but for its bindings');
});
