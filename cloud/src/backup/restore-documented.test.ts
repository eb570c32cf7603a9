import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { loader, programOf } from '../__fixtures__/program.js';
import { openDatabase } from '../db/index.js';
import { makeTestFolder, silentLogger } from '../db/testing.js';
import { addTestHall, TestStream, TestUnit, until } from '../modules/streams/testing.js';

t.setTimeout(600_000);

const root = fileURLToPath(new URL('../../..', import.meta.url));
const env = { ...process.env, DATABASE_URL: '', HALLHUB_MQTT_URL: '', HALLHUB_LOG_LEVEL: 'error' };

/** Commands of a section of the guide, its first block of shell. */
const documented = (heading: string): string[] => {
  const section =
    readFileSync(`${root}docs/operations.md`, 'utf8').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const block = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  return block.trim().split('\n');
};

/** Runs one line of the guide by a shell; it is the program of this tree. */
const shell = (line: string, more: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string }> => {
  const command = line.replace(
    'node cloud/dist/main.js',
    `"${process.execPath}" ${loader.join(' ')} "${programOf('main')}"`,
  );
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: root,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out })));
};

/** Carries no log away by itself: how much of it lies beside the backup is for the test to say. */
const startCloud = async (dataDir: string): Promise<{ mqtt: string; stop(): Promise<number> }> => {
  const args = ['--data', dataDir, '--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
  const child = spawn(process.execPath, [...loader, programOf('main'), ...args], {
    cwd: root,
    env: { ...env, HALLHUB_BACKUP: 'off' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const ready = await new Promise<{ mqtt: string }>((resolve, reject) => {
    child.on('message', (message: { type: string }) => {
      if (message.type === 'ready') resolve(message as unknown as { mqtt: string });
      if (message.type === 'fatal') reject(new Error(JSON.stringify(message)));
    });
    void exited.then((code) => reject(new Error(`ended with ${code}: ${words}`)));
  });
  return {
    mqtt: ready.mqtt,
    stop: async () => {
      child.send({ type: 'stop' });
      return exited;
    },
  };
};

t.test(
  'a machine is lost; the documented commands bring it back, and units fill in what they still have',
  { timeout: 580_000 },
  async (t) => {
    const folder = makeTestFolder();
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const [oldDir, newDir, safe, backups] = ['old', 'new', 'safe', 'backups'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    const place = (line: string, file = '') =>
      line
        .replaceAll('/mnt/safe', safe)
        .replaceAll(/\/mnt\/backups\/\S+\.hhb/g, file)
        .replaceAll('/var/lib/hallhub-cloud', line.includes('--backup-now') ? oldDir : newDir);

    let cloud = await startCloud(oldDir);
    const attached = await import('../db/attach-database.js').then(({ attachDatabase }) =>
      attachDatabase({ dataDir: oldDir, logger: silentLogger }),
    );
    const hall = await addTestHall(attached!);
    await attached!.close();
    const stream = new TestStream(hall, 'live');
    const deviceId = uuidv7();
    const at = Date.now() - 60_000;
    const add = (count: number) => {
      for (let i = 0; i < count; i++)
        stream.append({ kind: 'sample', at: at + stream.head, deviceId, values: { n: stream.head + 1 } });
    };
    const sendAll = async (url: string): Promise<void> => {
      const unit = await TestUnit.connect(url, hall);
      const { streams } = await unit.hello([stream]);
      for (let seq = streams[0]!.cursor + 1; seq <= stream.head; seq += 100) {
        const answer = await unit.sendBatch(stream, stream.batch(seq, Math.min(100, stream.head - seq + 1)));
        t.equal(answer.result, 'committed');
      }
      await unit.close();
    };
    add(300);
    await sendAll(cloud.mqtt);
    mkdirSync(join(oldDir, 'blobs', '2026'), { recursive: true });
    writeFileSync(join(oldDir, 'blobs', '2026', 'evidence.bin'), 'a picture');

    const taken = await shell(`HALLHUB_BACKUP_DIR=${backups} ${place(documented('Backup')[0]!)}`);
    t.equal(taken.code, 0, taken.out);
    t.match(taken.out, /restored and compared.*300 rows committed/, 'beside the running cloud');
    const file = join(backups, readdirSync(backups).find((name) => /^hallhub-.*[0-9a-f]{8}\.hhb$/.test(name))!);

    // After the backup: some rows that the log brings back, and then some that nothing was carried away of.
    add(100);
    await sendAll(cloud.mqtt);
    const moment = new Date(Date.now() + 1);
    await until(async () => Date.now() > moment.getTime() + 5);
    add(100);
    await sendAll(cloud.mqtt);
    const { archiveLog } = await import('./archive-log.js');
    const { loadBackupKey } = await import('./backup-key.js');
    const again = (await (
      await import('../db/attach-database.js')
    ).attachDatabase({ dataDir: oldDir, logger: silentLogger }))!;
    const { key } = await loadBackupKey(join(oldDir, 'backup-key'), { make: false });
    const carried = await archiveLog({
      ...{
        access: again.embedded!,
        key,
        backupDir: backups,
        now: true,
        clock: (await import('@hallhub/shared')).systemClock,
      },
      ...{ incarnation: readFileSync(join(oldDir, 'data-life'), 'utf8'), signal: new AbortController().signal },
    });
    t.match(carried, { state: 'running' });
    t.ok(carried.segments >= 1, `${carried.segments} segments were carried away`);
    await again.close();
    add(150);
    await sendAll(cloud.mqtt);
    t.equal(await cloud.stop(), 0);

    mkdirSync(safe);
    for (const name of ['backup-key', 'session-secret']) copyFileSync(join(oldDir, name), join(safe, name));
    rmSync(oldDir, { recursive: true });

    const lines = documented('Restore');
    t.match(lines.at(-2), /--restore/);
    for (const line of lines.slice(0, -1)) {
      const { code, out } = await shell(place(line, file));
      t.equal(code, 0, `${line}\n${out}`);
    }
    t.equal(readFileSync(join(newDir, 'blobs', '2026', 'evidence.bin'), 'utf8'), 'a picture');
    const restored = await openDatabase({ dataDir: newDir, logger: silentLogger });
    const one = async (sql: string) =>
      Object.values((await restored.ownerPool.query(sql)).rows[0] as object)[0] as unknown;
    t.equal(
      Number(await one('SELECT max(cursor) FROM streams')),
      500,
      'with what the log had, and not what came after',
    );
    t.equal(Number(await one('SELECT count(*) FROM telemetry_samples')), 500);
    await restored.close();

    await t.test('the last documented command starts it; the unit sends again what the cloud has lost', async (t) => {
      cloud = await startCloud(newDir);
      await sendAll(cloud.mqtt);
      const unit = await TestUnit.connect(cloud.mqtt, hall);
      const { streams } = await unit.hello([stream]);
      t.match(streams[0], { cursor: 650, chain: stream.chainAt(650) }, 'both ends agree again');

      // Another unit-side history: what lies between is gone there too, and is reported as a gap.
      add(50);
      const gap = await unit.sendBatch(stream, stream.gap(651, 690, { reason: 'restored' }));
      t.match(gap, { result: 'committed', cursor: 690 });
      t.match(await unit.sendBatch(stream, stream.batch(691, 10)), { result: 'committed', cursor: 700 });
      await unit.close();
      t.equal(await cloud.stop(), 0);
    });

    await t.test('to a moment; and without the secret that seals the keys', async (t) => {
      const dataDir = join(folder, 'moment');
      const restore = `node cloud/dist/main.js --restore ${file} --data ${dataDir}`;
      const keyFile = { HALLHUB_BACKUP_KEY_FILE: join(safe, 'backup-key') };
      const late = await shell(`${restore} --until ${new Date(Date.now() + 3_600_000).toISOString()}`, keyFile);
      t.not(late.code, 0);
      t.match(late.out, /does not reach/);
      const done = await shell(`${restore} --until ${moment.toISOString()}`, keyFile);
      t.equal(done.code, 0, done.out);
      t.match(done.out, /copy the file session-secret/);
      const then = await openDatabase({ dataDir, logger: silentLogger });
      const { rows } = await then.ownerPool.query('SELECT max(cursor)::int AS cursor FROM streams');
      t.same(rows, [{ cursor: 400 }], 'what was committed before that moment, and nothing after it');
      await then.close();
      await t.rejects(startCloud(dataDir), /secret/i, 'it says which secret is missing');
    });
  },
);
