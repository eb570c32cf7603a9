import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { fingerprint } from '../setup.mjs';
import { checkNode, checkToolchain } from './machine.mjs';
import { nodeHeadersEnv } from './node-headers.mjs';

t.test('an old Node is refused with the way to a newer one', async (t) => {
  for (const version of ['14.21.0', '18.20.1', '20.18.9']) {
    t.throws(() => checkNode(version), {
      message: new RegExp(`Node ${version} is too old`),
      hint: /nvm install/,
      exitCode: 2,
    });
  }
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) t.doesNotThrow(() => checkNode(version));
});

t.test('one message names all missing programs and the command that installs them', async (t) => {
  await t.rejects(checkToolchain({ has: async (name) => name === 'git' }), {
    message: 'Missing on this machine: make, a C++ compiler, python3.',
    hint: /apt-get install build-essential python3/,
  });
  await t.resolves(
    checkToolchain({ has: async (name) => name !== 'g++' && name !== 'clang++' }),
    'any compiler will do',
  );
});

t.test('an installation depends on dependencies, lock file and place, not on scripts', async (t) => {
  const root = t.testdir({
    'pnpm-lock.yaml': 'a',
    'package.json': JSON.stringify({ scripts: { start: 'x' }, dependencies: { zod: '4' } }),
    shared: { 'package.json': '{}' },
  });
  const before = fingerprint(root);
  const write = (file, value) => fs.writeFileSync(path.join(root, file), value);
  write('package.json', JSON.stringify({ scripts: { start: 'y' }, dependencies: { zod: '4' } }));
  t.equal(fingerprint(root), before);
  write('package.json', JSON.stringify({ dependencies: { zod: '5' } }));
  const other = fingerprint(root);
  t.not(other, before);
  write('pnpm-lock.yaml', 'b');
  t.not(fingerprint(root), other);
});

t.test('headers beside this Node are used when they are its own', async (t) => {
  const header = '#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 20\n#define NODE_PATCH_VERSION 2\n';
  const prefix = t.testdir({ bin: { node: '' }, include: { node: { 'node_version.h': header } } });
  const execPath = path.join(prefix, 'bin/node');
  const find = (version, env = {}) => nodeHeadersEnv({ env, execPath, version });
  t.same(find('v20.20.2'), { npm_config_nodedir: prefix });
  t.same(find('v20.20.1'), {}, 'those of another version are not');
  t.same(find('v20.20.2', { npm_config_nodedir: '/elsewhere' }), {}, 'what the person named stands');
  t.same(nodeHeadersEnv({ env: {}, execPath: '/nowhere/bin/node', version: 'v20.20.2' }), {});
});
