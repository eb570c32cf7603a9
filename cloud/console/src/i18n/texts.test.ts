import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';

const source = join(import.meta.dirname, '..');
type Texts = { [key: string]: string | Texts };

const read = (language: string, file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, language, file), 'utf8')) as Texts;

function flat(texts: Texts, path = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${path}${key}`, value] as const] : [...flat(value, `${path}${key}.`)],
    ),
  );
}

/** English has a singular that Chinese has not. */
const plain = (key: string) => key.replace(/_(one|other)$/, '');
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

const files = readdirSync(join(import.meta.dirname, 'zh')).filter((file) => file.endsWith('.json'));

t.test('both languages have the same texts with the same variables', async (t) => {
  t.same(readdirSync(join(import.meta.dirname, 'en')).sort(), readdirSync(join(import.meta.dirname, 'zh')).sort());
  for (const file of files) {
    const zh = flat(read('zh', file));
    const en = flat(read('en', file));
    t.same([...new Set([...en.keys()].map(plain))].sort(), [...new Set([...zh.keys()].map(plain))].sort(), file);
    for (const [key, text] of [...zh, ...en]) t.not(text.trim(), '', `${file} ${key} says something`);
    for (const [key, text] of zh) t.same(variables(en.get(key) ?? ''), variables(text), `${file} ${key}`);
    for (const key of en.keys()) {
      if (key.endsWith('_other')) t.ok(en.has(key.replace(/_other$/, '_one')), `${file} ${key} has a singular`);
    }
  }
});

t.test('Chinese texts are Chinese', async (t) => {
  const latin = /^(MQTT|Modbus|ONVIF|EN|Switch to English|\{\{.*\}\}.*)$/;
  for (const file of files) {
    for (const [key, text] of flat(read('zh', file)))
      t.ok(/\p{Script=Han}|^\p{P}$/u.test(text) || latin.test(text), `${file} ${key}`);
  }
});

const attributes = new Set([
  'title',
  'aria-label',
  'placeholder',
  'alt',
  'label',
  'hint',
  'extra',
  'okText',
  'cancelText',
]);

/** Words that a reader would see, written into a component instead of the texts. */
function literals(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (attributes.has(node.name.getText()) && /\p{L}/u.test(node.initializer.text))
        found.push(node.initializer.text);
    }
    if ((ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) && /\p{Script=Han}/u.test(node.text)) {
      found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

t.test('no component speaks a language by itself', async (t) => {
  const components = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
  t.ok(components.length > 60);
  for (const file of components) t.same(literals(join(source, file)), [], file);
});

t.test('colours are written in the tokens only', async (t) => {
  const styled = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(css|tsx?)$/.test(file),
  );
  for (const file of styled) {
    if (file.endsWith('tokens.css') || file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(source, file), 'utf8');
    t.notMatch(text, /#[0-9a-f]{6}\b|#[0-9a-f]{3}\b(?=[;'"])|rgba?\(|hsla?\(/i, file);
  }
});
