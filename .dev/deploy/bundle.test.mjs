import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { root } from '../lib/root.mjs';

t.setTimeout(420_000);

const run = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  return { status, text: `${stdout}${stderr}` };
};
const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
const withoutNetwork = (command) =>
  canUnshare
    ? ['unshare', ['-n', 'sh', '-c', `ip link set lo up 2>/dev/null; exec ${command}`]]
    : ['sh', ['-c', `exec ${command}`]];

t.test('what the container file copies and starts is there', async (t) => {
  const text = fs.readFileSync(path.join(root, 'deploy/Containerfile'), 'utf8');
  for (const [, file] of text.matchAll(/node ((?:\.dev|deploy)\/\S+\.mjs)/g))
    t.ok(fs.existsSync(path.join(root, file)), file);
  t.match(text, /^USER hallhub$/m, 'not as root');
  t.match(text, /"cloud\/dist\/main\.js"/);
});

t.test('the services are ones that systemd understands', async (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.pass('no systemd-analyze on this machine');
  for (const name of ['hallhub-cloud.service', 'hallhub-edge.service']) {
    const { text } = run('systemd-analyze', ['verify', path.join('deploy/systemd', name)]);
    const complaints = text.split('\n').filter((line) => line && !line.includes('is not executable'));
    t.same(complaints, [], name);
  }
});

t.test('a bundle installs and starts without a network; a damaged one does not', { timeout: 400_000 }, async (t) => {
  if (
    !['cloud/dist/main.js', 'edge/dist/main.js', 'cloud/console/dist/index.html'].every((file) =>
      fs.existsSync(path.join(root, file)),
    )
  ) {
    const built = run(process.execPath, ['.dev/build.mjs']);
    t.equal(built.status, 0, built.text);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hallhub-bundle-'));
  fs.chmodSync(folder, 0o755);
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const [bundle, prefix] = [path.join(folder, 'bundle'), path.join(folder, 'opt')];
  const made = run(process.execPath, ['deploy/make-bundle.mjs', '--folder', bundle]);
  t.equal(made.status, 0, made.text);
  const install = (...args) => run(...withoutNetwork(`${bundle}/install.sh --no-services ${args.join(' ')}`));

  const victim = path.join(bundle, 'release/cloud/dist/main.js');
  const whole = fs.readFileSync(victim);
  fs.appendFileSync(victim, '\n');
  const refused = install('--prefix', prefix);
  t.not(refused.status, 0);
  t.match(refused.text, /damaged: nothing was installed/);
  t.notOk(fs.existsSync(path.join(prefix, 'current')));
  fs.writeFileSync(victim, whole);

  const installed = install('--prefix', prefix);
  t.equal(installed.status, 0, installed.text);
  const [command, args] = withoutNetwork(
    `${prefix}/node/bin/node ${prefix}/cloud/dist/main.js --data ${folder}/data --port 0 --mqtt-port off --mqtts-port off --unit-port off`,
  );
  const child = spawn(command, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const endMs = Date.now() + 120_000;
  while (!/HallHub cloud ready/.test(text) && child.exitCode === null && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.match(text, /HallHub cloud ready/);
  child.kill('SIGTERM');
  t.equal(await ended, 0, 'and stops cleanly');
});
