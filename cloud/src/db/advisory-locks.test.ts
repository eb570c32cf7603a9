import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.test('no two purposes share an advisory lock: a backup of hours must not hold up a start', async (t) => {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/= (4_702_\d{3}_\d{3});/g)].map(([, key]) => ({
        key,
        name,
      })),
    );
  t.ok(found.length >= 6, 'the constants were found');
  const keys = new Set(found.map(({ key }) => key));
  for (const key of keys) {
    const uses = found.filter((one) => one.key === key).map(({ name }) => name);
    t.equal(uses.length, 1, `${key}: ${uses.join(', ')}`);
  }
});
