import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { root } from '../lib/root.mjs';
import { listFiles } from './tree.mjs';

t.test('the build knows every shipped profile as its text says, and no other text', async (t) => {
  const compose = path.join(root, 'shared/dist/profile/compose');
  const { readYaml, parseYaml } = await import(pathToFileURL(path.join(compose, 'yaml-source.js')));
  const { parsedTexts } = await import(pathToFileURL(path.join(compose, 'parsed-texts.js')));
  const { textKey } = await import(pathToFileURL(path.join(compose, 'text-key.js')));
  const folder = path.join(root, 'firmware-profiles');
  const files = listFiles(folder).filter((file) => file.endsWith('.yaml'));
  t.equal(parsedTexts.size, files.length);
  for (const file of files) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    t.ok(parsedTexts.has(textKey(text)), file);
    t.same(readYaml(text, file).source.plain, parseYaml(text, file).source.plain, file);
    t.notOk(parsedTexts.has(textKey(`${text}\n`)), `${file} with a line more`);
  }
});
