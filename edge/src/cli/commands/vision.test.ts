import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { findingNumber, visionConfigSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import type { Agent } from '../../agent.js';
import { LocalApiServer } from '../../local-api/server.js';
import { silentLogger } from '../../ports/index.js';
import {
  began,
  cameraId,
  ended,
  findingUnit,
  jpeg,
  outcomes,
  pictures,
  rule,
  viewId,
} from '../../vision/findings/__fixtures__/finding-unit.js';
import { runCli } from '../program.js';

/** The commands against an agent's own socket; of the agent there is what they ask. */
const setup = async (t: Test) => {
  // Short: a socket's address has a bound.
  const data = mkdtempSync(path.join(os.tmpdir(), 'hub-vision-'));
  const one = await findingUnit(path.join(data, 'unit'));
  await one.desk.start();
  const config = {
    config: undefined as unknown,
    import: async (given: unknown) => {
      config.config = visionConfigSchema.parse(given);
      return config.config;
    },
  };
  const server = new LocalApiServer(
    {
      options: { dataDir: data },
      vision: { book: one.book, config },
      files: { evidence: one.evidence },
      identity: { identity: undefined },
      registry: { get: () => ({ name: '大厅球机' }) },
    } as unknown as Agent,
    silentLogger,
  );
  await server.start();
  t.teardown(async () => {
    await server.stop();
    await one.die();
    rmSync(data, { recursive: true, force: true });
  });
  const vision = async (...argv: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const plain = (s: string) => s;
    const code = await runCli(['vision', ...argv, '--data', data], {
      ...{ signal: new AbortController().signal, env: {} },
      terminal: {
        ...{ out: (text) => void out.push(text), err: (text) => void err.push(text), width: undefined, now: Date.now },
        style: { good: plain, warn: plain, bad: plain, dim: plain },
      },
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  const tell = async () => {
    const episodeId = uuidv7();
    await one.desk.take(outcomes(began(episodeId)));
    await one.desk.take(pictures(one, episodeId));
    await one.desk.take(outcomes(ended(episodeId)));
    return episodeId;
  };
  return { data, one, vision, tell };
};

t.test('findings, and what proves them, by number, by id and by file', async (t) => {
  const { data, one, vision, tell } = await setup(t);
  t.match(await vision('findings'), { code: 0, out: /Nothing was found yet/ });
  const episodeId = await tell();
  const number = findingNumber(episodeId);
  t.match(await vision('findings', '--limit', '1'), { code: 0, out: new RegExp(`${number}.*大厅球机.*脱岗`) });
  for (const what of [number, number.toLowerCase(), episodeId]) {
    t.match(await vision('verify', what), { code: 0, out: /whose signature it is cannot be told here/ }, what);
  }
  const [overview] = one.book.episode(episodeId)[0]?.finding.evidence ?? [];
  const copy = path.join(data, 'copy.jpg');
  writeFileSync(copy, readFileSync(one.evidence.pathOf(overview?.id ?? '')));
  t.match(await vision('verify', copy), { code: 0, out: /overview, right/ });
  writeFileSync(copy, jpeg('another'));
  t.match(await vision('verify', copy), { code: 4, err: /no finding of this unit has such a file/ });
  t.match(await vision('verify', data), { err: /is not a file/ }, 'a folder');
  t.match(await vision('verify', '/dev/zero'), { err: /is not a file/ }, 'something without an end');
  t.match(await vision('verify', '0000-0000'), { code: 4, err: /no such finding/ });
  writeFileSync(one.evidence.pathOf(overview?.id ?? ''), jpeg('changed on the disk'));
  t.match(await vision('verify', number), { code: 1, out: /CHANGED/ }, 'a script can tell');
});

t.test('a set-up goes in and out as a file', async (t) => {
  const { data, vision } = await setup(t);
  const file = path.join(data, 'vision.yaml');
  t.match(await vision('export', file), { code: 4, err: /nothing is set up/ });
  t.match(await vision('import', path.join(data, 'none.yaml')), { err: /ENOENT/ });
  writeFileSync(file, '- 1\n- 2\n');
  t.match(await vision('import', file), { err: /holds no configuration/ });
  writeFileSync(file, `a: &a [${'x, '.repeat(10)}]\n${Array.from({ length: 60 }, (_, i) => `b${i}: *a`).join('\n')}`);
  t.match(await vision('import', file), { err: /alias/i }, 'a bomb of references');
  const views = [{ id: viewId, name: '窗口', rules: [rule(false)] }];
  const config = {
    v: 1,
    version: 'f',
    zone: 'Asia/Shanghai',
    placeName: '营业厅',
    cameras: [{ deviceId: cameraId, views }],
  };
  writeFileSync(file, JSON.stringify(config));
  t.match(await vision('import', file), { code: 0, out: /1 camera, 1 rule: taken/ });
  t.match(await vision('rules'), { code: 0, out: /大厅球机.*窗口.*脱岗.*absence/ });
  const copy = path.join(data, 'copy.json');
  t.match(await vision('export', copy), { code: 0 });
  t.match(JSON.parse(readFileSync(copy, 'utf8')), { version: 'f', cameras: [{ deviceId: cameraId }] });
});
