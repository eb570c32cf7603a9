import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import t from 'tap';
import { root } from '../lib/root.mjs';
import { writeParsedKinds } from './parsed-kinds.mjs';

const { parse } = createRequire(path.join(root, 'cloud/package.json'))('yaml');

t.test('what is beside a shipped kind is what its text says; another text is parsed anew', async (t) => {
  const folder = 'cloud/dist/modules/ticket-kinds/shipped';
  const dir = t.testdir();
  const at = (file) => path.join(dir, folder, file);
  fs.cpSync(path.join(root, 'cloud/src/modules/ticket-kinds/shipped'), path.join(dir, folder), { recursive: true });
  fs.symlinkSync(path.join(root, 'cloud/node_modules'), path.join(dir, 'cloud/node_modules'));
  fs.writeFileSync(path.join(dir, 'cloud/package.json'), '{}');
  const files = fs.readdirSync(path.join(dir, folder));
  t.equal(writeParsedKinds({ root: dir }), files.length);
  for (const file of files) {
    const { plain } = JSON.parse(fs.readFileSync(at(`${file}.json`), 'utf8'));
    t.same(plain, parse(fs.readFileSync(at(file), 'utf8')), file);
  }
  t.equal(writeParsedKinds({ root: dir }), 0, 'once');
  fs.appendFileSync(at(files[0]), '\n# another text\n');
  t.equal(writeParsedKinds({ root: dir }), 1);
});
