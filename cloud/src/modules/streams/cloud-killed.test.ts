import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import pino from 'pino';
import t from 'tap';
import { loader, programOf } from '../../__fixtures__/program.js';
import { attachDatabase } from '../../db/attach-database.js';
import { openDatabase } from '../../db/index.js';
import { makeTestFolder } from '../../db/testing.js';
import { hashUnitSecret, makeUnitSecret } from '../fleet/unit-secret.js';
import { TestStream, TestUnit } from './testing.js';

t.setTimeout(300_000);

interface Ready {
  readonly mqtt: string;
  readonly demoUnit: { readonly unitId: string };
}

const noListeners = ['--mqtts-port', 'off', '--unit-port', 'off'];

/** The real cloud process, started as the launcher starts it. */
const startCloud = async (dataDir: string): Promise<{ child: ChildProcess; ready: Ready }> => {
  const child = fork(
    programOf('main'),
    ['--data', dataDir, '--port', '0', '--mqtt-port', '0', ...noListeners, '--seed-demo'],
    {
      execArgv: [...loader],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, HALLHUB_LOG_LEVEL: 'error', DATABASE_URL: '', HALLHUB_MQTT_URL: '' },
    },
  );
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-4_000);
  });
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.on('message', (message: { type: string }) => {
      if (message.type === 'ready') resolve(message as unknown as Ready);
      if (message.type === 'fatal') reject(new Error(JSON.stringify(message)));
    });
    child.once('exit', (code, signal) => reject(new Error(`the cloud ended with ${signal ?? code}: ${errors}`)));
  });
  return { child, ready };
};

/** The demo unit gets a code for a certificate; this one talks plainly, by a secret. */
const giveSecret = async (dataDir: string, unit: { readonly unitId: string; readonly secret: string }) => {
  const database = await attachDatabase({ dataDir, logger: pino({ level: 'silent' }) });
  await database?.ownerPool.query('UPDATE units SET secret_hash = $1 WHERE id = $2', [
    hashUnitSecret(unit.secret),
    unit.unitId,
  ]);
  await database?.close();
};

t.test(
  'the cloud killed in the middle of batches: nothing acknowledged is lost, nothing counts twice',
  { timeout: 280_000 },
  async (t) => {
    const dataDir = makeTestFolder();
    t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
    let cloud = await startCloud(dataDir);
    t.teardown(() => cloud.child.kill('SIGKILL'));
    const credential = { unitId: cloud.ready.demoUnit.unitId, secret: makeUnitSecret() };
    await giveSecret(dataDir, credential);
    const stream = new TestStream(credential, 'live');
    const deviceId = uuidv7();
    const at = Date.now() - 10_000;
    for (let i = 1; i <= 20_000; i++) stream.append({ kind: 'sample', at: at + i, deviceId, values: { n: i } });

    let acknowledged = 0;
    let kills = 0;
    for (;;) {
      const unit = await TestUnit.connect(cloud.ready.mqtt, credential);
      const hello = await unit.hello([stream]);
      const { cursor, chain } = hello.streams[0]!;
      t.ok(cursor >= acknowledged, `what was acknowledged (${acknowledged}) is there (${cursor})`);
      t.equal(chain, stream.chainAt(cursor));
      const batches = Math.ceil((stream.head - cursor) / 250);
      const killAt = kills < 3 ? 3 + kills * 4 : Number.POSITIVE_INFINITY;
      let next = cursor + 1;
      for (let i = 0; i < batches; i++) {
        const payload = stream.batch(next, Math.min(250, stream.head - next + 1));
        if (i === killAt) {
          // Sent, and killed at a moment nobody chose: before, during or after the commit.
          unit.client.publish(unitTopics.up(unit.unitId, 'live'), payload, { qos: 1 });
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 25));
          cloud.child.kill('SIGKILL');
          break;
        }
        const answer = await unit.sendBatch(stream, payload);
        if (answer.result !== 'committed') throw new Error(`answered ${answer.result}`);
        acknowledged = answer.cursor;
        next = answer.cursor + 1;
      }
      if (acknowledged === stream.head) {
        await unit.close();
        break;
      }
      await once(cloud.child, 'exit');
      unit.client.end(true);
      kills++;
      cloud = await startCloud(dataDir);
    }
    t.equal(kills, 3);
    cloud.child.send({ type: 'stop' });
    const [code] = await once(cloud.child, 'exit');
    t.equal(code, 0, 'and at last it stops cleanly');

    const database = await openDatabase({ dataDir, logger: pino({ level: 'silent' }) });
    t.teardown(() => database.close());
    const { rows } = await database.ownerPool.query<{
      rows: string;
      distinct: string;
      lowest: number;
      highest: number;
    }>(
      'SELECT count(*) AS rows, count(DISTINCT number) AS distinct, min(number) AS lowest, max(number) AS highest FROM telemetry_samples',
    );
    t.match(rows[0], { rows: '20000', distinct: '20000', lowest: 1, highest: 20_000 });
    const seals = await database.ownerPool.query('SELECT sum(cloud_count) AS count FROM seals');
    t.match(seals.rows, [{ count: '20000' }]);
  },
);
