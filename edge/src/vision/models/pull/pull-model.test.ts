import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type HubError, ManualClock, systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { until } from '../../../__fixtures__/until.js';
import { tarOf, tinyCatalogue, tinyFiles, tinyOnnx } from '../__fixtures__/tiny-model.js';
import { ModelShelf } from '../model-shelf.js';
import { pullModels } from './pull-model.js';
import { readTar } from './read-tar.js';

interface Asked {
  readonly url: string;
  readonly range: string | undefined;
}

/** A registry that serves the packed package as each answer says. */
const registry = async (t: Test, answer: (response: ServerResponse, from: number, count: number) => void) => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', range: request.headers.range });
    answer(response, Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0), asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, env: { HALLHUB_REGISTRY: `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm` } };
};

const place = (t: Test) => {
  const folder = t.testdir({});
  const { packed } = tinyCatalogue(path.join(folder, 'catalogue'));
  const shelf = new ModelShelf(path.join(folder, 'models'), path.join(folder, 'catalogue'));
  const options = { clock: systemClock, signal: new AbortController().signal, env: {} as NodeJS.ProcessEnv };
  return { folder, packed, shelf, options };
};

const partial = (response: ServerResponse, bytes: Uint8Array, from: number) =>
  response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });

t.test('a model comes over the network, converted and in its place', async (t) => {
  const { shelf, packed, options } = place(t);
  const { asked, env } = await registry(t, (response) => response.end(packed));
  await pullModels(shelf, ['tiny'], { ...options, env });
  t.same(asked, [{ url: '/npm/@somebody/tiny-models/-/tiny-models-1.2.3.tgz', range: undefined }]);
  t.same(readFileSync(shelf.fileOf({ id: 'tiny' })), Buffer.from(tinyOnnx()));
  t.same(shelf.read(shelf.card('tiny')), Buffer.from(tinyOnnx()));
  t.same(readdirSync(path.join(shelf.folder, '.pull')), [], 'nothing is left of the download');
});

t.test(
  'a broken line is gone on with where it broke, by a server that knows ranges and by one that does not',
  async (t) => {
    for (const knowsRanges of [true, false]) {
      const { shelf, packed, options } = place(t);
      const { asked, env } = await registry(t, (response, from, count) => {
        if (count === 1) {
          response.writeHead(200, { 'content-length': packed.length });
          response.write(packed.subarray(0, 200_000), () => response.destroy());
          return;
        }
        if (knowsRanges) partial(response, packed, from);
        response.end(knowsRanges ? packed.subarray(from) : packed);
      });
      await pullModels(shelf, ['tiny'], { ...options, env });
      t.equal(asked.length, 2);
      t.match(asked[1]?.range, /^bytes=[1-9]\d*-$/);
      t.equal(shelf.stateOf({ id: 'tiny' }), 'present');
    }
  },
);

t.test('what an earlier run fetched is used', async (t) => {
  const { shelf, packed, options } = place(t);
  const stop = new AbortController();
  const first = await registry(t, (response) => {
    response.writeHead(200, { 'content-length': packed.length });
    response.write(packed.subarray(0, 150_000));
  });
  const onProgress = (_: string, got = 0) => void (got >= 150_000 && stop.abort());
  await t.rejects(pullModels(shelf, ['tiny'], { ...options, env: first.env, signal: stop.signal, onProgress }), {
    code: 'cancelled',
  });
  const second = await registry(t, (response, from) => {
    partial(response, packed, from);
    response.end(packed.subarray(from));
  });
  await pullModels(shelf, ['tiny'], { ...options, env: second.env });
  t.equal(second.asked[0]?.range, 'bytes=150000-');
});

t.test('what is damaged, foreign or too long is refused, and nothing of it is kept', async (t) => {
  const { shelf, packed, options, folder } = place(t);
  const { graph, weights } = tinyFiles();
  const changed = new Uint8Array(weights);
  changed[3] = 7;
  const bad: [string, Uint8Array, string][] = [
    ['no package', Buffer.from('hello'), 'store_corrupt'],
    ['cut off', packed.subarray(0, 300_000), 'store_corrupt'],
    [
      'other weights',
      gzipSync(
        tarOf([
          ['package/models/tiny.json', graph],
          ['package/models/tiny.bin', changed],
        ]),
      ),
      'store_corrupt',
    ],
    ['lacks a file', gzipSync(tarOf([['package/models/tiny.json', graph]])), 'store_corrupt'],
  ];
  for (const [what, bytes, code] of bad) {
    const from = path.join(folder, 'given.tgz');
    writeFileSync(from, bytes);
    await t.rejects(pullModels(shelf, ['tiny'], { ...options, from }), { code, hint: /.+/ }, what);
    t.equal(shelf.stateOf({ id: 'tiny' }), 'missing', what);
    rmSync(from);
  }
  await t.rejects(pullModels(shelf, ['tiny'], { ...options, from: path.join(folder, 'none.tgz') }), {
    code: 'not_found',
  });

  const { env } = await registry(t, (response) => response.end(Buffer.concat([gzipSync(tarOf([])), packed])));
  await t.rejects(pullModels(shelf, ['tiny'], { ...options, env }), { code: 'store_corrupt' });
  t.same(readdirSync(path.join(shelf.folder, '.pull')), [], 'the next pull starts anew');
  t.notOk(existsSync(shelf.fileOf({ id: 'tiny' })));
});

t.test('refusals are told apart, with what to do', async (t) => {
  const { shelf, options } = place(t);
  const { env } = await registry(t, (response) => response.writeHead(404).end());
  const error = await pullModels(shelf, ['tiny'], { ...options, env }).catch((one: HubError) => one);
  t.match(error, { code: 'not_found', hint: /--from FILE\.tgz/ });
  const denied = await registry(t, (response) => response.writeHead(403).end());
  await t.rejects(pullModels(shelf, ['tiny'], { ...options, env: denied.env }), { code: 'link_refused' });
  await t.rejects(pullModels(shelf, ['tiny'], { ...options, env: { HALLHUB_REGISTRY: 'ftp://x' } }), {
    code: 'configuration',
  });
  await t.rejects(pullModels(shelf, ['other'], options), { code: 'not_found' });
});

t.test('a server that falls silent is left, asked again, and given up', async (t) => {
  const { shelf, options } = place(t);
  const { asked, env } = await registry(t, (response) => void response.writeHead(200).flushHeaders());
  const clock = new ManualClock();
  let outcome: unknown;
  const pulled = pullModels(shelf, ['tiny'], { ...options, clock, env }).catch((error: unknown) => {
    outcome = error;
  });
  await until(() => {
    void clock.advance(31_000);
    return outcome;
  }, 'it is given up');
  await pulled;
  t.match(outcome, { code: 'link_lost', hint: /--from FILE\.tgz/ });
  t.ok(asked.length <= 6, `${asked.length} times`);
});

t.test('a tar stream is read in chunks of any size', async (t) => {
  const tar = tarOf([
    ['a', Buffer.from('one')],
    ['b', new Uint8Array(1_500).fill(7)],
    ['c', Buffer.from('three')],
  ]);
  for (const size of [1, 100, 511, 512, 513, 5_000]) {
    async function* chunks() {
      for (let at = 0; at < tar.length; at += size) yield tar.subarray(at, at + size);
    }
    const files = await readTar(chunks(), { wanted: ['c', 'a'], maxFileBytes: 10 });
    t.same([...files.values()].map((body) => Buffer.from(body).toString()).sort(), ['one', 'three']);
    await t.rejects(readTar(chunks(), { wanted: ['b'], maxFileBytes: 10 }), { code: 'too_large' });
  }
});
