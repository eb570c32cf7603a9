import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { tinyDescription, tinyOnnx } from '../../vision/models/__fixtures__/tiny-model.js';
import { runCli } from '../program.js';

const run = async (...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const plain = (s: string) => s;
  const code = await runCli(argv, {
    ...{ signal: new AbortController().signal, env: {} },
    terminal: {
      ...{ out: (text) => void out.push(text), err: (text) => void err.push(text), width: undefined, now: Date.now },
      style: { good: plain, warn: plain, bad: plain, dim: plain },
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
};

t.test('models without an agent and without a network', async (t) => {
  const data = t.testdir({});
  const models = (...argv: string[]) => run('models', ...argv, '--data', data);
  const listed = await models('list');
  t.equal(listed.code, 0);
  t.match(listed.out, /detector +nanodet-g-416 +not here/);
  t.match(listed.out, /hub models pull/);
  t.match((await models('test')).out, /No model is on this unit/);
  const missing = await models('pull', 'nanodet-g-416', '--from', path.join(data, 'none.tgz'));
  t.equal(missing.code, 4);
  t.match(missing.err, /none\.tgz is not there/);
  t.equal((await models('pull', 'nanodett')).code, 4);

  const card = path.join(data, 'card.yaml');
  writeFileSync(card, stringify({ ...tinyDescription, id: 'mine' }));
  writeFileSync(path.join(data, 'mine.onnx'), tinyOnnx());
  const added = await models('add', card, '--file', path.join(data, 'mine.onnx'));
  t.equal(added.code, 0, added.err);
  t.match((await models('list')).out, /detector +mine +serves/);
  const tested = await models('test', '--json');
  t.match(JSON.parse(tested.out), { models: [{ model: 'mine', ok: true }] });
  t.match((await models('bench', '-n', '3')).out, /mine +\d+\.\d ms/);
  t.match((await models('use', 'nanodet-g-416')).out, /serves as detector/);
  t.match((await models('list')).out, /nanodet-g-416 +chosen, not here/);

  mkdirSync(path.join(data, 'models'), { recursive: true });
  writeFileSync(path.join(data, 'models', 'mine.onnx'), 'damaged');
  const broken = await models('test', 'mine');
  t.equal(broken.code, 1);
  t.match(broken.out, /failed .*put aside/);
});
