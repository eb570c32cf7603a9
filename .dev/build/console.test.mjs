import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import t from 'tap';
import { root } from '../lib/root.mjs';
import { listFiles } from './tree.mjs';

const dist = path.join(root, 'cloud/console/dist');
const built = fs.existsSync(path.join(dist, 'index.html'));

t.test('what browsers get compressed is the file itself', { skip: !built && 'node .dev/build.mjs' }, async (t) => {
  const files = listFiles(dist, []).map((name) => path.join(dist, name));
  const plain = files.filter((file) => files.includes(`${file}.br`));
  t.ok(plain.length > 10, 'texts are there compressed');
  for (const file of plain) {
    const bytes = fs.readFileSync(file);
    const name = path.basename(file);
    t.ok(bytes.equals(zlib.brotliDecompressSync(fs.readFileSync(`${file}.br`))), `${name}.br`);
    t.ok(bytes.equals(zlib.gunzipSync(fs.readFileSync(`${file}.gz`))), `${name}.gz`);
    if (name.endsWith('.js')) t.notMatch(bytes.toString(), '__VITE_', `${name} has no placeholders left`);
  }
});
