import { readFileSync, rmSync } from 'node:fs';
import pino from 'pino';
import t from 'tap';
import { startCloud } from '../app.js';
import { readConfig } from '../config/read-config.js';
import { makeTestFolder } from '../db/testing.js';

const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
const plain = (path: string) => path.replace(/\{\w+\}/g, '{}');
const rightsOf = (text: string) => new Set(text.split(/[;,] | /).map((right) => right.trim()));

t.test('docs/api.md names every route with its right, and no other', async (t) => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', 'off', '--unit-port', 'off'];
  const cloud = await startCloud({
    config: readConfig(['--data', folder, ...ports], { HALLHUB_BACKUP: 'off' }),
    log: pino({ level: process.env.LOG ?? 'silent' }),
    progress: () => {},
  });
  t.teardown(() => cloud.close());
  const { routes } = cloud;
  const named = new Map<string, Set<string>>();
  for (const line of page.split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    // A table's row, or a line of its own: `GET /overview` (hall.read): …
    const [where, right] = line.startsWith('|')
      ? [cells[1], cells[2]]
      : [line, /\(([a-z]+(?:\.[a-z]+)?)\b[^)]*\)/.exec(line)?.[1]];
    for (const [, method, path] of (where ?? '').matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^\s?`]*)/g)) {
      named.set(`${method} ${plain(path ?? '')}`, rightsOf(right ?? ''));
    }
  }
  for (const outside of ['GET /healthz', 'GET /metrics', 'GET /api/openapi.json']) named.delete(outside);
  const real = new Map(routes.map(({ method, path, right }) => [`${method.toUpperCase()} ${plain(path)}`, right]));
  t.same([...named.keys()].sort(), [...real.keys()].sort());
  for (const [name, right] of real) t.ok(named.get(name)?.has(right), `${name} needs ${right}`);
});
