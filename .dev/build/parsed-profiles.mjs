import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { listFiles } from './tree.mjs';

const MODULES = 'shared/dist/profile/compose';

/**
 * Parses the YAML of the profiles that come with the product and writes what it says into the compiled `parsed-texts.js`:
 * an agent and a simulator start a second earlier. Costs a few milliseconds where nothing changed. Returns how many files
 * were written.
 */
export async function writeParsedProfiles({ root }) {
  const target = path.join(root, MODULES, 'parsed-texts.js');
  if (!fs.existsSync(target) || !fs.existsSync(path.join(root, 'firmware-profiles'))) return 0;
  const texts = yamlTexts(path.join(root, 'firmware-profiles'));
  const stamp = `// Made of firmware-profiles by the build: ${fingerprint({ root, texts })}`;
  if (fs.readFileSync(target, 'utf8').startsWith(`${stamp}\n`)) return 0;
  // With another address each time: a long process builds more than once, and what it imported before is kept.
  const load = (name) => import(`${pathToFileURL(path.join(root, MODULES, name))}?${stamp.slice(-12)}`);
  const [{ parseYaml }, { textKey }] = [await load('yaml-source.js'), await load('text-key.js')];
  const known = texts.flatMap((text) => {
    const read = parseYaml(text, '');
    const json = read.ok ? JSON.stringify(read.source.plain) : undefined;
    return json && isDeepStrictEqual(JSON.parse(json), read.source.plain) ? [[textKey(text), json]] : [];
  });
  const lines = known.map(([key, json]) => `  ['${key}', ${JSON.stringify(json)}],\n`);
  fs.writeFileSync(`${target}.new`, `${stamp}\nexport const parsedTexts = new Map([\n${lines.join('')}]);\n`);
  fs.renameSync(`${target}.new`, target);
  return 1;
}

const yamlTexts = (folder) =>
  listFiles(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));

/** Of all that the outcome depends on: the texts, how they are read and named, and by which parser. */
function fingerprint({ root, texts }) {
  const parser = createRequire(path.join(root, 'shared/package.json')).resolve('yaml/package.json');
  const code = ['yaml-source.js', 'text-key.js'].map((name) => path.join(root, MODULES, name));
  const hash = crypto.createHash('sha256');
  for (const file of [parser, ...code]) hash.update(fs.readFileSync(file));
  for (const text of texts) hash.update(`${text.length}\n${text}`);
  return hash.digest('hex');
}
