import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, uuidv7 } from '@hallhub/shared';
import pino from 'pino';
import t, { type Test } from 'tap';
import { readSecret } from './db/embedded/index.js';
import { type Database, openDatabase } from './db/index.js';
import { makeTestFolder } from './db/testing.js';
import { brokerLiveBus } from './modules/live/broker-live-bus.js';
import type { LiveEvent } from './modules/live/live-port.js';
import { addTestUnit, TestStream, TestUnit, until } from './modules/streams/testing.js';

const log = pino({ level: process.env.LOG ?? 'silent' });
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const missing = spawnSync('mosquitto', ['-h'], { env }).error
  ? 'mosquitto is missing: apt-get install mosquitto'
  : false;
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
};

/** mosquitto as anybody runs it beside several clouds; may be killed and started again on its port. */
const startBroker = async (t: Test): Promise<{ url: string; kill(): Promise<void>; start(): Promise<void> }> => {
  const folder = makeTestFolder();
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_packet_size 2000000\n`);
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env });
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  t.teardown(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return { url: `mqtt://127.0.0.1:${port}`, kill, start };
};

interface Ready {
  readonly http: string;
  readonly firstUser?: { readonly userName: string; readonly oneTimePassword: string };
}

class CloudProcess {
  child!: ChildProcess;
  ready!: Ready;
  readonly #env: NodeJS.ProcessEnv;
  readonly #dataDir: string;
  errors = '';

  constructor(dataDir: string, extra: NodeJS.ProcessEnv) {
    this.#dataDir = dataDir;
    this.#env = { ...process.env, HALLHUB_LOG_LEVEL: 'warn', HALLHUB_BACKUP: 'off', ...extra };
  }

  async start(): Promise<this> {
    const args = [
      '--data',
      this.#dataDir,
      '--port',
      '0',
      '--mqtts-port',
      'off',
      '--unit-port',
      'off',
      '--mqtt-port',
      'off',
    ];
    const child = fork(main, args, {
      execArgv: ['--import=tsx', '--conditions=hallhub-source'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: this.#env,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-20_000);
    });
    this.child = child;
    this.ready = await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message: { type: string }) => {
        if (message.type === 'ready') resolve(message as unknown as Ready);
        if (message.type === 'fatal') reject(new Error(JSON.stringify(message)));
      });
      child.once('exit', (code, signal) => reject(new Error(`the cloud ended with ${signal ?? code}: ${this.errors}`)));
    });
    return this;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<number> {
    const gone = once(this.child, 'exit');
    this.child.send({ type: 'stop' });
    return (await gone)[0] as number;
  }
}

/** A unit as stubborn as the real one: says hello, sends from the cursor on, asks again whatever is not answered. */
const runUnit = async (
  url: () => string,
  credential: { readonly unitId: string; readonly secret: string },
  stream: TestStream,
  of: { readonly batch: number; readonly onAck: (cursor: number) => void },
): Promise<void> => {
  let acknowledged = 0;
  while (acknowledged < stream.head) {
    let unit: TestUnit | undefined;
    try {
      unit = await TestUnit.connect(url(), credential);
      const { streams } = await unit.hello([stream]);
      const cursor = streams[0]!.cursor;
      if (cursor < acknowledged) throw new Error(`LOST: ${acknowledged} was acknowledged, the cloud has ${cursor}`);
      acknowledged = cursor;
      while (acknowledged < stream.head) {
        const payload = stream.batch(acknowledged + 1, Math.min(of.batch, stream.head - acknowledged));
        const answer = await Promise.race([
          unit.sendBatch(stream, payload),
          systemClock.sleep(2_500).then(() => {
            throw new Error('no answer: ask again');
          }),
        ]);
        if (answer.result === 'committed') {
          acknowledged = answer.cursor;
          of.onAck(acknowledged);
        } else if (answer.result === 'busy') await systemClock.sleep(200);
        else break;
      }
    } catch (error) {
      if ((error as Error).message.startsWith('LOST')) throw error;
      await systemClock.sleep(100 + Math.random() * 200);
    } finally {
      unit?.cut();
    }
  }
};

const ownUrl = (database: Database): string => {
  const { location } = database.embedded!;
  const url = new URL('postgres://hallhub_owner@localhost/hallhub');
  url.password = readSecret(location)!.ownerPassword;
  url.searchParams.set('host', database.connection.host);
  return url.toString();
};

/** Reads a browser's live stream; gives every event so far. */
const listen = async (http: string, cookie: string, t: Test): Promise<{ name: string; data: string }[]> => {
  const seen: { name: string; data: string }[] = [];
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const response = await fetch(`${http}/api/v1/live?topics=units,alarms`, { headers: { cookie }, signal: stop.signal });
  if (response.status !== 200) throw new Error(`live answered ${response.status}`);
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\S+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
        if (name) seen.push({ name, data: data ?? '' });
        text = text.slice(end + 2);
      }
    }
  };
  read().catch(() => undefined);
  return seen;
};

const signIn = async (http: string, user: { userName: string; oneTimePassword: string }): Promise<string> => {
  const post = async (path: string, body: object, cookie = '') => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method: 'POST',
      headers: { origin: http, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
  };
  const first = await post('/session', { userName: user.userName, password: user.oneTimePassword });
  const next = 'Two clouds over one 7';
  return (await post('/me/password', { current: user.oneTimePassword, next }, first)) || first;
};

/** The API of one process, in one person's name. */
const talker =
  (http: string, cookie: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: bodies are checked by the test that reads them
  async (method: string, path: string, body?: unknown, version?: number): Promise<{ status: number; body: any }> => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method,
      headers: {
        ...{ origin: http, cookie },
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };

t.setTimeout(300_000);

t.test(
  'two clouds over one database and one broker: either is killed in the middle of batches, the broker too, and the books agree',
  { skip: missing, timeout: 280_000 },
  async (t) => {
    const folders = [makeTestFolder(), makeTestFolder(), makeTestFolder()];
    t.teardown(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    const database = await openDatabase({ dataDir: folders[0]!, logger: log });
    t.teardown(() => database.close());
    const broker = await startBroker(t);
    const shared = {
      DATABASE_URL: ownUrl(database),
      HALLHUB_MQTT_URL: broker.url,
      HALLHUB_SECRET: 'a secret that both processes share, long enough',
    };
    // Both at once: migrations, the first user and the authority are made once.
    const clouds = folders.slice(1).map((folder) => new CloudProcess(folder, shared));
    t.teardown(async () => {
      for (const cloud of clouds) await cloud.kill();
    });
    await Promise.all(clouds.map((cloud) => cloud.start()));
    const [a, b] = clouds as [CloudProcess, CloudProcess];
    const users = [a, b].flatMap(({ ready }) => ready.firstUser ?? []);
    t.equal(users.length, 1, 'one first user, told by one of them');
    const teller = a.ready.firstUser ? a : b;
    const cookie = await signIn(teller.ready.http, users[0]!);

    const { rows: tenants } = await database.ownerPool.query<{ id: string }>(
      'SELECT tenant_id AS id FROM users LIMIT 1',
    );
    const place = { tenantId: tenants[0]!.id, regionId: uuidv7(), hallId: uuidv7() };
    await database.ownerPool.query(`INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, 'zz', 'zz')`, [
      place.regionId,
      place.tenantId,
    ]);
    await database.ownerPool.query(
      `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, 'zz', '大厅', 'Asia/Shanghai')`,
      [place.hallId, place.tenantId, place.regionId],
    );

    await t.test('a browser on either sees what the other committed', async (t) => {
      const heard = await Promise.all([listen(a.ready.http, cookie, t), listen(b.ready.http, cookie, t)]);
      const units = await Promise.all(Array.from({ length: 6 }, () => addTestUnit(database, place)));
      const open: TestUnit[] = [];
      for (const unit of units) {
        const connected = await TestUnit.connect(broker.url, unit);
        open.push(connected);
        await connected.hello();
      }
      for (const list of heard) {
        const online = () =>
          units.filter(({ unitId }) =>
            list.some(({ name, data }) => name === 'unit.presence' && data.includes(unitId)),
          );
        await until(async () => online().length === units.length);
      }
      t.pass('each heard of all six, though each unit was met by one of them only');
      await broker.kill();
      await until(async () => heard.every((list) => list.some(({ name }) => name === 'refetch')), 30_000);
      t.pass('the broker goes: browsers are told to fetch again');
      const before = heard.map((list) => list.length);
      await broker.start();
      await until(
        async () => heard.every((list, i) => list.slice(before[i]).some(({ name }) => name === 'refetch')),
        30_000,
      );
      t.pass('and when it is back, once more');
      const back = await until(async () => TestUnit.connect(broker.url, units[0]!).catch(() => undefined), 20_000);
      await until(async () => back.hello().catch(() => undefined), 30_000);
      for (const unit of [...open, back]) unit.cut();
    });

    await t.test(
      'what somebody may do changes at once on the other, and so does whether they are signed in',
      async (t) => {
        const owner = talker(a.ready.http, cookie);
        const roles = (await owner('GET', '/roles')).body.items as { id: string; key: string }[];
        const grants = [{ roleId: roles.find(({ key }) => key === 'observer')?.id, scope: { kind: 'tenant' } }];
        const made = await owner('POST', '/users', { userName: 'wang.fang', displayName: '王芳', grants });
        const { user, oneTimePassword } = made.body;
        const person = talker(b.ready.http, await signIn(b.ready.http, { userName: user.userName, oneTimePassword }));
        for (let again = 0; again < 2; again++) t.equal((await person('GET', '/places')).status, 200);
        const { version } = (await owner('GET', `/users/${user.id}`)).body;
        t.equal((await owner('PUT', `/users/${user.id}/grants`, [], version)).status, 200);
        t.equal((await person('GET', '/places')).status, 403, 'no grant');
        t.equal((await person('GET', '/me')).status, 200);
        const now = (await owner('GET', `/users/${user.id}`)).body.version;
        t.equal((await owner('PATCH', `/users/${user.id}`, { state: 'disabled' }, now)).status, 200);
        t.equal((await person('GET', '/me')).status, 401, 'disabled');
      },
    );

    await t.test('a kind of ticket that one publishes is used at once on the other', async (t) => {
      const [one, other] = [talker(a.ready.http, cookie), talker(b.ready.http, cookie)];
      const label = { zh: '设备借用' };
      const made = await one('POST', '/ticket-kinds', { code: 'loan', label });
      t.equal(made.status, 201, JSON.stringify(made.body));
      t.equal(
        (await other('POST', '/tickets', { kind: 'loan', fields: { title: '投影仪' } })).status,
        404,
        'a draft is none',
      );
      const draft = (await one('GET', '/ticket-kinds/loan')).body.draft.document;
      t.equal((await one('POST', '/ticket-kinds/loan/publish', undefined, 1)).status, 201);
      const first = await other('POST', '/tickets', { kind: 'loan', fields: { title: '投影仪' } });
      t.match(first, { status: 201, body: { kind: { code: 'loan', version: 1 } } });

      // Published there, used here, while the ticket of before goes on by its own version.
      const states = draft.states.map((state: { label: object }) => ({ ...state, label: { zh: '换了名字' } }));
      t.equal((await other('PUT', '/ticket-kinds/loan/draft', { ...draft, states }, 2)).status, 200);
      t.equal((await other('POST', '/ticket-kinds/loan/publish', undefined, 3)).status, 201);
      const second = await one('POST', '/tickets', { kind: 'loan', fields: { title: '音箱' } });
      t.match(second.body, { kind: { version: 2 }, state: { label: { zh: '换了名字' } } });
      const page = await one('GET', `/tickets/${first.body.id}`);
      t.match(page.body, { kind: { version: 1 } });
      const { seq } = page.body;
      t.not(page.body.state.label.zh, '换了名字');

      // Two desks, two processes: one wins, the other is told by whom and what.
      const act = { do: 'comment', opinion: '已看' };
      const acts = await Promise.all(
        [one, other].map((talk) => talk('POST', `/tickets/${first.body.id}/acts`, act, seq)),
      );
      t.same(acts.map(({ status }) => status).sort(), [200, 412]);
      t.match(acts.find(({ status }) => status === 412)?.body, { context: { seq: seq + 1, type: 'commented' } });
    });

    await t.test('a process that dies with things unsaid: the others are told', async (t) => {
      const events: LiveEvent[] = [];
      let gaps = 0;
      const bus = brokerLiveBus({ url: broker.url, log });
      t.teardown(() => bus.close());
      bus.subscribe(place.tenantId, { onEvent: (event) => events.push(event), onGap: () => gaps++ });
      await until(async () => gaps > 0);
      const before = gaps;
      await b.kill();
      await until(async () => gaps > before);
      t.pass('its will says so');
      await b.start();
    });

    await t.test('kill -9 in turn, in the middle of batches', async (t) => {
      const units = await Promise.all(Array.from({ length: 6 }, () => addTestUnit(database, place)));
      const rowsEach = 6_000;
      const at = Date.now() - 60_000;
      const streams = units.map((unit) => {
        const stream = new TestStream(unit, 'live');
        const deviceId = uuidv7();
        for (let n = 1; n <= rowsEach; n++) stream.append({ kind: 'sample', at: at + n, deviceId, values: { n } });
        return stream;
      });
      const cursors = units.map(() => 0);
      const total = () => cursors.reduce((sum, one) => sum + one, 0);
      const sending = Promise.all(
        units.map((unit, i) =>
          runUnit(() => broker.url, unit, streams[i]!, {
            batch: 100,
            onAck: (cursor) => void cursors.splice(i, 1, cursor),
          }),
        ),
      );
      let kills = 0;
      const disturb = async (): Promise<void> => {
        for (const share of [0.1, 0.25, 0.4, 0.55, 0.7]) {
          await until(async () => total() >= share * rowsEach * units.length, 120_000);
          await systemClock.sleep(Math.random() * 40);
          if (share === 0.4) {
            await broker.kill();
            await broker.start();
          } else {
            const victim = clouds[kills % 2]!;
            await victim.kill();
            await victim.start();
          }
          kills++;
        }
      };
      await Promise.all([sending, disturb()]);
      t.equal(kills, 5);
      t.same(
        cursors,
        units.map(() => rowsEach),
      );
      const { rows } = await database.ownerPool.query<{ unit: string; rows: string; distinct: string; hi: number }>(
        `SELECT p.device_id AS unit, count(*) AS rows, count(DISTINCT s.number) AS distinct, max(s.number) AS hi
         FROM telemetry_samples s JOIN telemetry_points p ON p.id = s.point_id GROUP BY p.device_id`,
      );
      t.equal(rows.length, units.length);
      for (const row of rows) t.match(row, { rows: String(rowsEach), distinct: String(rowsEach), hi: rowsEach });
      const { rows: chains } = await database.ownerPool.query<{ unit_id: string; chain: Buffer }>(
        'SELECT unit_id, chain FROM streams WHERE unit_id = ANY($1)',
        [units.map(({ unitId }) => unitId)],
      );
      for (const { unit_id, chain } of chains) {
        const i = units.findIndex(({ unitId }) => unitId === unit_id);
        t.equal(chain.toString('hex'), streams[i]!.chainAt(rowsEach), 'both ends chained the same rows');
      }
      const { rows: seals } = await database.ownerPool.query<{ count: string }>(
        'SELECT sum(cloud_count) AS count FROM seals WHERE unit_id = ANY($1)',
        [units.map(({ unitId }) => unitId)],
      );
      t.equal(seals[0]?.count, String(rowsEach * units.length));
    });

    await t.test('silence is noticed once, an alarm raised once, a command sent once', async (t) => {
      const unit = await addTestUnit(database, place);
      const connected = await until(async () => TestUnit.connect(broker.url, unit).catch(() => undefined));
      await until(async () => connected.hello().catch(() => undefined), 30_000);
      const commandId = uuidv7();
      await database.ownerPool.query(
        `INSERT INTO commands (id, tenant_id, hall_id, unit_id, name, input, state, issued_at, deadline_at, next_send_at, issued_by_name)
         VALUES ($1, $2, $3, $4, 'unit.restart', '{}', 'queued', now(), now() + interval '60 s', now(), 'test')`,
        [commandId, place.tenantId, place.hallId, unit.unitId],
      );
      const sent = () =>
        connected.inbox.filter(
          ({ body }) =>
            (body as { type?: string; id?: string }).type === 'command' && (body as { id: string }).id === commandId,
        );
      await until(async () => sent().length > 0);
      await systemClock.sleep(3_000);
      t.equal(sent().length, 1, 'by one of the two dispatchers, once');

      // As one that fell silent long ago: both processes look every 5 s, both have listened for less than they need to judge.
      await connected.close();
      await until(async () => {
        const { rows } = await database.ownerPool.query('SELECT presence FROM unit_links WHERE unit_id = $1', [
          unit.unitId,
        ]);
        return rows[0]?.presence === 'offline';
      });
      await database.ownerPool.query(
        `UPDATE unit_links SET presence = 'online', last_seen_at = now() - interval '10 minutes' WHERE unit_id = $1`,
        [unit.unitId],
      );
      const count = async (sql: string): Promise<number> =>
        Number((await database.ownerPool.query<{ n: string }>(sql, [unit.unitId])).rows[0]?.n);
      const offline = () =>
        count(
          `SELECT count(*) AS n FROM unit_presence_changes WHERE unit_id = $1 AND state = 'offline' AND reason = 'silent'`,
        );
      const alarms = () => count('SELECT coalesce(sum(occurrences), 0) AS n FROM alarms WHERE unit_id = $1');
      await until(async () => (await offline()) > 0, 75_000);
      await until(async () => (await alarms()) > 0, 60_000);
      await systemClock.sleep(6_000);
      t.equal(await offline(), 1, 'one change');
      t.equal(await alarms(), 1, 'one alarm, raised once');
    });

    for (const cloud of clouds) t.equal(await cloud.stop(), 0);
  },
);
