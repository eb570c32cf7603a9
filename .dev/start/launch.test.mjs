import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isSameProcess } from '../lib/process-identity.mjs';
import { root as repository } from '../lib/root.mjs';
import { writeTestIdentity } from './fixtures/test-identity.mjs';
import { nextFreePort } from './ports.mjs';
import { readUnitIdentity } from './unit-files.mjs';

t.setTimeout(300_000);

const LAUNCHER = path.join(repository, '.dev/start/fixtures/launch.mjs');
// Below those that the kernel takes for outgoing connections: one of them could have it by the time it is listened at.
let nextPort = 10_000 + Math.floor(Math.random() * 9_000);
const freePort = async () => {
  const port = await nextFreePort({ from: nextPort, taken: [] });
  nextPort = port + 1;
  return port;
};

/** The launcher with stand-in parts in a process of its own; `until` waits for a condition on its output, with a deadline. */
const start = async (t, { folder = t.testdir({ '厅 one': {} }), args = [], behave = {}, env = {} } = {}) => {
  const data = path.join(folder, '厅 one');
  for (const [name, mode] of Object.entries(behave)) fs.writeFileSync(path.join(data, `behave-${name}`), mode);
  const ports = [];
  for (const name of ['--port', '--mqtt-port', '--mqtts-port', '--unit-port', '--edge-port'])
    ports.push(name, await freePort());
  const child = spawn(process.execPath, [LAUNCHER, '--data', data, ...ports.map(String), ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  const run = { child, data, folder, out: '', err: '', port: ports[1], unitPort: ports[7], code: undefined };
  const watchers = new Set();
  const wake = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    run.out += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    run.err += text;
    wake();
  });
  run.ended = new Promise((resolve) =>
    child.once('close', (code, signal) => {
      run.code = code ?? signal;
      wake();
      resolve(run.code);
    }),
  );
  run.until = (what, deadlineMs = 90_000) =>
    new Promise((resolve, reject) => {
      const seen = typeof what === 'function' ? what : () => what.test(run.out + run.err);
      const timer = setTimeout(
        () => finish(() => reject(new Error(`waited for ${what}:\n${run.out}${run.err}`))),
        deadlineMs,
      );
      const poll = setInterval(() => watcher(), 50);
      const finish = (then) => {
        clearTimeout(timer);
        clearInterval(poll);
        watchers.delete(watcher);
        then();
      };
      const watcher = () => {
        if (seen()) finish(resolve);
        else if (run.code !== undefined)
          finish(() => reject(new Error(`ended with ${run.code}:\n${run.out}${run.err}`)));
      };
      watchers.add(watcher);
      watcher();
    });
  run.stop = async (signal = 'SIGINT') => {
    child.kill(signal);
    return await run.ended;
  };
  run.diary = () => fs.readFileSync(path.join(data, 'diary'), 'utf8').trim().split('\n');
  run.starts = (name) => run.diary().filter((line) => line.startsWith(`${name} start`));
  t.teardown(async () => {
    if (run.code === undefined) child.kill('SIGKILL');
    await run.ended;
  });
  return run;
};
const READY = /^HallHub ready.*\n/m;

t.test('a first start ends with the ready line; Ctrl-C stops in reverse order; the next start resumes', async (t) => {
  const first = await start(t);
  await first.until(/device +排队机 {2}online/);
  const ready = READY.exec(first.out)[0];
  t.equal(ready, `HallHub ready  console http://127.0.0.1:${first.port}  user admin  one-time password k7m2-pq9x\n`);
  t.match(first.out, /missing +ffmpeg is missing: the camera has no stream\. Install it: apt-get install ffmpeg/);
  t.ok(first.out.indexOf('missing') < first.out.indexOf('HallHub ready'), 'the ready line comes last');
  t.equal(await first.stop(), 0);
  t.same(first.diary().slice(-3), ['edge stop', 'simulators stop', 'cloud stop']);
  t.match(first.out, /Stopped\. The data is kept in .*厅 one; npm start resumes\.\n$/);
  const unit = fs.readFileSync(path.join(first.data, 'edge/unit.json'), 'utf8');

  const second = await start(t, { folder: first.folder });
  await second.until(READY);
  t.notMatch(second.out, /password/);
  t.equal(await second.stop('SIGTERM'), 0);
  const again = JSON.parse(fs.readFileSync(path.join(first.data, 'edge/unit.json'), 'utf8'));
  t.equal(again.unitId, JSON.parse(unit).unitId);
  t.equal(again.cloud.gateway, `https://127.0.0.1:${second.unitPort}`, 'the unit follows the ports');
  t.match(second.starts('edge').at(0), '--enrol CODE-');
  t.notMatch(second.starts('edge').at(-1), '--enrol');
  t.notMatch(second.starts('cloud').at(-1), '--reissue-unit');
});

t.test(
  'what cameras film is told to the cloud, models are brought; without a network the start says what to type',
  async (t) => {
    const told = /cloud hears \{"type":"filming","serial":"DM1","scene":"counter"\}/;
    const run = await start(t);
    await run.until(READY);
    await run.until(() => told.test(run.diary().join('\n')));
    await run.until(/vision +柜台摄像机 {2}watching/);
    t.match(run.out, /models +fetching 0 of 145 MB, once\n/);
    t.match(run.out, /models +are here/);
    t.equal(await run.stop(), 0);

    const folder = t.testdir({ '厅 one': { 'no-network': '' } });
    const away = await start(t, { folder });
    await away.until(READY);
    t.match(
      away.out,
      /missing +the model that sees people is missing: vision is off, all else works \(registry\.test cannot be reached\)\. Install it: edge\/bin\/hub\.mjs --data \S.* models pull/,
    );
    t.equal(await away.stop(), 0);

    const without = await start(t, { args: ['--no-vision'] });
    await without.until(/device +排队机 {2}online/);
    t.notMatch(without.out, /models/);
    t.equal(await without.stop(), 0);
    t.notMatch(without.diary().join('\n'), /hears/);
  },
);

t.test('--json is one object a line, the ready object among them, no password of a device in it', async (t) => {
  const run = await start(t, { args: ['--json'] });
  await run.until(/"type":"device"/);
  t.equal(await run.stop(), 0);
  const objects = run.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ready = objects.find((object) => object.type === 'ready');
  t.match(ready, {
    console: `http://127.0.0.1:${run.port}`,
    user: 'admin',
    oneTimePassword: 'k7m2-pq9x',
    missing: [{ what: 'ffmpeg' }],
  });
  t.equal(ready.simulated.length, 4);
  t.notMatch(run.out, 'a b"');
  t.equal(objects.at(-1).type, 'stopped');
});

t.test('a part that dies is restarted and said so; its neighbours go on', async (t) => {
  const run = await start(t, { behave: { edge: 'die-later' } });
  await run.until(/edge +ended with exit code 1\..*Restarting at once\./);
  await run.until(() => run.starts('edge').length === 2 && /edge +ready[\s\S]*edge +ready/.test(run.out));
  t.equal(run.starts('cloud').length, 1);
  t.equal(run.starts('simulators').length, 1);
  t.equal(await run.stop(), 0);
});

t.test('a part killed from outside comes back as well', async (t) => {
  const run = await start(t, { args: ['--json'] });
  await run.until(/"type":"ready"/);
  const ready = run.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((object) => object.type === 'ready');
  process.kill(ready.parts.find((part) => part.name === 'cloud').pid, 'SIGKILL');
  await run.until(/"type":"down","name":"cloud","exit":\{"code":null,"signal":"SIGKILL"\}/);
  await run.until(() => run.starts('cloud').length === 2);
  await run.until(() => run.out.match(/"step":"ready","text":"ready {2}http/g)?.length === 2);
  t.equal(await run.stop(), 0);
});

t.test('simulated devices that come back elsewhere reach the unit by a new configuration', async (t) => {
  const run = await start(t, { args: ['--json'] });
  await run.until(/"type":"ready"/);
  const ready = run.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((object) => object.type === 'ready');
  fs.writeFileSync(path.join(run.data, 'simulators/modbus-port'), '5999');
  process.kill(ready.parts.find((part) => part.name === 'simulators').pid, 'SIGKILL');
  await run.until(/simulated devices moved/);
  await run.until(() => run.starts('edge').length === 2);
  t.match(fs.readFileSync(path.join(run.data, 'edge/edge.yaml'), 'utf8'), '5999');
  t.equal(await run.stop(), 0);
});

t.test(
  'a part that cannot start ends the start: its log’s tail, the password that was made, exit code 1',
  async (t) => {
    const run = await start(t, { behave: { simulators: 'crash' } });
    t.equal(await run.ended, 1);
    t.match(run.err, /simulators ended with exit code 1\.\n {2}\| error cannot open the store \(disk I\/O error\)\n/);
    t.match(run.err, /The first user was made: user admin {2}one-time password k7m2-pq9x/);
    t.equal(run.diary().at(-1), 'cloud stop', 'what ran is stopped cleanly');
  },
);

t.test('a configuration error is told in the part’s words, exit code 2', async (t) => {
  const run = await start(t, { behave: { edge: 'fatal' } });
  t.equal(await run.ended, 2);
  t.match(run.err, /edge: edge\.yaml:3: unknown key "brocker"\n {2}Did you mean broker\?/);
});

t.test('a part that does not stop in time is killed and named', async (t) => {
  const run = await start(t, { behave: { edge: 'ignore-stop' }, env: { HALLHUB_TEST_STOP_MS: '2000' } });
  await run.until(READY);
  t.equal(await run.stop(), 0);
  t.match(run.out, /Had to be killed: edge\n/);
});

t.test('a second Ctrl-C forces; npm’s echo of the first one does not', async (t) => {
  const run = await start(t, { behave: { edge: 'ignore-stop' } });
  await run.until(READY);
  run.child.kill('SIGINT');
  run.child.kill('SIGINT');
  await run.until(/edge +stopping/);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  t.equal(run.code, undefined, 'still waiting for the part');
  run.child.kill('SIGINT');
  await run.ended;
  t.equal(run.code, 0);
});

t.test('Ctrl-C while starting stops what runs', async (t) => {
  const run = await start(t, { behave: { cloud: 'never-ready' } });
  await run.until(/starting PostgreSQL/);
  t.equal(await run.stop(), 0);
  t.equal(run.err, '');
  t.notMatch(run.out, READY);
});

t.test('no orphans: a killed launcher takes its parts along, and the lock is taken over', async (t) => {
  const run = await start(t, { args: ['--json'] });
  await run.until(/"type":"ready"/);
  const ready = run.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((object) => object.type === 'ready');
  await run.stop('SIGKILL');
  const pids = ready.parts.map((part) => part.pid);
  const deadline = Date.now() + 60_000;
  while (pids.some((pid) => isSameProcess(pid, '')) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(
    pids.filter((pid) => isSameProcess(pid, '')),
    [],
  );
  const again = await start(t, { folder: run.folder });
  await again.until(READY);
  t.equal(await again.stop(), 0);
});

t.test('a second start on the same data, and a port in use, are refused with what to do', async (t) => {
  const run = await start(t);
  await run.until(READY);
  const twin = await start(t, { folder: run.folder });
  t.equal(await twin.ended, 2);
  t.match(twin.err, new RegExp(`already runs on .*厅 one \\(process ${run.child.pid}\\)`));
  const neighbour = await start(t, { args: ['--port', run.port] });
  t.equal(await neighbour.ended, 2);
  t.match(neighbour.err, new RegExp(`Port ${run.port} for the console is in use[\\s\\S]*--port \\d+`));
  t.equal(await run.stop(), 0);
});

t.test('parts can be left out; without a credential the unit runs alone and says so', async (t) => {
  const run = await start(t, { args: ['--no-cloud'] });
  await run.until(READY);
  t.match(run.out, /edge +is not enrolled/);
  t.match(run.out, /^HallHub ready {2}unit mqtt:\/\/127\.0\.0\.1:\d+$/m);
  t.equal(await run.stop(), 0);
  t.same(run.starts('cloud'), []);
});

t.test('a unit whose credential is of another cloud gets a new one', async (t) => {
  const run = await start(t);
  await run.until(READY);
  await run.stop();
  fs.writeFileSync(path.join(run.data, 'cloud/unit'), 'another-unit');
  const again = await start(t, { folder: run.folder });
  await again.until(READY);
  t.equal(JSON.parse(fs.readFileSync(path.join(run.data, 'edge/unit.json'), 'utf8')).unitId, 'another-unit');
  t.equal(await again.stop(), 0);
});

t.test(
  'a lost or damaged identity, or one that is over, is made anew; a unit with a secret alone is enrolled',
  async (t) => {
    const run = await start(t);
    await run.until(READY);
    await run.stop();
    const identity = path.join(run.data, 'edge/identity');
    const unitId = readUnitIdentity(path.join(run.data, 'edge'));
    t.ok(unitId);
    const cases = {
      lost: () => fs.rmSync(path.join(run.data, 'edge'), { recursive: true }),
      damaged: () => fs.writeFileSync(path.join(identity, 'key.pem'), 'half'),
      'a secret alone': () => fs.rmSync(identity, { recursive: true }),
      over: () => writeTestIdentity(path.join(run.data, 'edge'), { unitId, mqtt: 'a', gateway: 'b', lifeMs: -1000 }),
    };
    for (const [name, spoil] of Object.entries(cases)) {
      await spoil();
      const again = await start(t, { folder: run.folder });
      await again.until(READY);
      t.equal(await again.stop(), 0);
      t.match(again.starts('cloud').at(-1), '--reissue-unit', name);
      t.match(again.starts('edge').at(-1), `--enrol CODE-${unitId}`, name);
      t.equal(readUnitIdentity(path.join(run.data, 'edge')), unitId, name);
    }
  },
);

t.test('a terminal that was closed stops the hall, though nobody reads any more', async (t) => {
  const run = await start(t);
  await run.until(READY);
  run.child.stdout.destroy();
  run.child.stderr.destroy();
  process.kill(run.child.pid, 'SIGHUP');
  t.equal(await run.ended, 0);
  t.equal(run.diary().at(-1), 'cloud stop');
});
