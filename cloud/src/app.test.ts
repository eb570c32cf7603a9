import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import t from 'tap';
import { loader, programOf } from './__fixtures__/program.js';
import { type Cloud, startCloud } from './app.js';
import type { ReadyMessage } from './config/parent-process.js';
import { readConfig } from './config/read-config.js';
import { makeTestFolder } from './db/testing.js';
import { publicRoutes } from './http/rights-matrix/cases.js';
import { isRouteRight } from './modules/access/rights.js';

const log = pino({ level: process.env.LOG ?? 'silent' });
const free = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];

const start = (dataDir: string, ...flags: string[]): Promise<Cloud> =>
  startCloud({ config: readConfig(['--data', dataDir, ...free, ...flags], {}), log, progress: () => {} });

const dataFolder = (t: { teardown(fn: () => void): unknown }): string => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Whoever is not signed in may ask these; a new one is a decision. */
const open = new Set(Object.keys(publicRoutes).map((route) => route.replace(' /', ' /api/v1/')));

type Operations = Record<
  string,
  Record<string, { 'x-right': unknown; operationId: string; parameters?: { in: string; name: string }[] }>
>;

t.test('the whole cloud: first start, every route guarded, second start keeps what was there', async (t) => {
  const folder = dataFolder(t);
  const cloud = await start(folder, '--seed-demo');
  t.teardown(() => cloud.close());
  t.match(cloud, {
    http: /^http:\/\/127\.0\.0\.1:\d+$/,
    mqtt: /^mqtt:\/\/127\.0\.0\.1:\d+$/,
    firstUser: { userName: 'admin', oneTimePassword: /^\w{4}(-\w{4}){3}$/ },
    demoUnit: {
      ...{ unitId: String, hallName: '演示营业厅' },
      enrolment: { code: /^(\w{4}-){7}\w{4}$/, gateway: /^https:\/\/127\.0\.0\.1:\d+$/ },
    },
  });
  t.equal(statSync(join(folder, 'session-secret')).mode & 0o777, 0o600);
  t.match(await (await fetch(`${cloud.http}/healthz`)).json(), { status: 'ok', database: 'ok', broker: 'ok' });

  const document = (await (await fetch(`${cloud.http}/api/openapi.json`)).json()) as { paths: Operations };
  let guarded = 0;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      t.ok(isRouteRight(operation['x-right']), `${name} declares its right`);
      if (operation['x-right'] === 'public') {
        t.ok(open.has(name), `${name} may be asked by nobody`);
        continue;
      }
      const url = cloud.http + path.replace(/\{\w+\}/g, cloud.demoUnit?.unitId ?? '');
      const answer = await fetch(url, { method: method.toUpperCase() });
      await answer.text();
      t.equal(answer.status, 401, `${name} refuses nobody`);
      guarded += 1;
    }
  }
  t.ok(guarded > 40, `${guarded} routes are guarded`);
  await cloud.close();

  const again = await start(folder, '--seed-demo', '--reset-password', 'admin');
  t.teardown(() => again.close());
  t.equal(again.demoUnit?.unitId, cloud.demoUnit?.unitId);
  t.match(again.demoUnit?.enrolment?.code, /^(\w{4}-){7}\w{4}$/, 'it was not enrolled yet');
  t.not(again.demoUnit?.enrolment?.code, cloud.demoUnit?.enrolment?.code);
  t.equal(again.firstUser?.userName, 'admin', 'a new one-time password was asked for');
  t.not(again.firstUser?.oneTimePassword, cloud.firstUser?.oneTimePassword);

  const { http } = again;
  const send = (path: string, body: object, cookie = '') =>
    fetch(`${http}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: http, ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    });
  const current = again.firstUser?.oneTimePassword ?? '';
  const signedIn = await send('/session', { userName: 'admin', password: current });
  const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const changed = await send('/me/password', { current, next: 'Correct-Horse-7' }, cookieOf(signedIn));
  t.equal(changed.status, 204);
  const cookie = cookieOf(changed);
  const places = (await (await fetch(`${http}/api/v1/places`, { headers: { cookie } })).json()) as {
    items: { kind: string }[];
  };
  t.same(
    places.items.map(({ kind }) => kind),
    ['region', 'hall', 'counter', 'counter', 'counter'],
  );
  t.match(places.items[1], { counts: { units: 1, unitsOnline: 0, devices: 0, devicesOnline: 0, openAlarms: 0 } });

  const live = await fetch(`${http}/api/v1/live?topics=alarms`, { headers: { cookie } });
  const reader = (live.body as ReadableStream<Uint8Array>).getReader();
  t.match(new TextDecoder().decode((await reader.read()).value), /event: hello/);
  await again.close();
  t.equal((await reader.read()).done, true, 'stopping ends open streams');
});

t.test('a port in use is a configuration error, and everything that was opened is closed again', async (t) => {
  const folder = dataFolder(t);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const config = readConfig(['--data', folder, ...free, '--port', String(port)], {});
  const failing = startCloud({ config, log, progress: () => {} });
  await t.rejects(failing, { code: 'configuration', message: /in use/, hint: /--port/ });
  const cloud = await start(folder);
  t.ok(cloud.firstUser, 'the failed start made no user whose password nobody saw');
  await cloud.close();
});

const launch = (flags: string[]) => {
  const child = fork(programOf('main'), flags, {
    execArgv: [...loader],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const messages: ({ type: string } & Record<string, unknown>)[] = [];
  const until = (type: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const found = messages.find((message) => message.type === type);
        if (found) resolve(found);
      };
      child.on('message', (message) => {
        messages.push(message as (typeof messages)[number]);
        look();
      });
      child.once('exit', (code) => reject(new Error(`exited with ${code} before ${type}`)));
    });
  const exited = once(child, 'exit').then(([code]) => code as number);
  return { child, messages, until, exited };
};

t.test('the process: ready over IPC, stops when told and when its parent goes away', async (t) => {
  const folder = dataFolder(t);
  const first = launch(['--data', folder, ...free]);
  t.teardown(() => first.child.kill('SIGKILL'));
  const ready = (await first.until('ready')) as unknown as ReadyMessage;
  t.match(ready, { http: /^http:/, mqtt: /^mqtt:/, firstUser: { userName: 'admin' } });
  t.ok(first.messages.some((message) => message.type === 'progress'));
  first.child.send({ type: 'stop' });
  t.equal(await first.exited, 0);
  await t.rejects(fetch(`${ready.http}/healthz`));

  const second = launch(['--data', folder, ...free]);
  t.teardown(() => second.child.kill('SIGKILL'));
  t.notOk(((await second.until('ready')) as unknown as ReadyMessage).firstUser, 'the password is told once');
  second.child.disconnect();
  t.equal(await second.exited, 0);
});

t.test('the process: a wrong setting says what, and exits with 2', async (t) => {
  const wrong = launch(['--port', 'eighty']);
  const fatal = await wrong.until('fatal');
  t.match(fatal, { code: 'configuration', message: /^--port: must be a port number/, hint: String });
  t.equal(await wrong.exited, 2);
});
