import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { systemClock, uuidv7 } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { ask, newFolder, open } from '../db/embedded/open-in-test.js';
import { migrate } from '../db/index.js';
import { addTenant, silentLogger } from '../db/testing.js';
import { checkRestore } from './check-restore.js';
import { restoreFiles } from './restore-files.js';
import { BackupKey, openStream, sealStream } from './sealed-file.js';
import { segmentsBetween, takeFiles } from './take-files.js';

t.setTimeout(300_000);

const key = new BackupKey('a key of the test, long enough');
const at = { clock: systemClock, logger: silentLogger };

const through = async (stream: NodeJS.ReadWriteStream, chunks: readonly Buffer[]): Promise<Buffer> => {
  const source = new PassThrough();
  for (const chunk of chunks) source.write(chunk);
  source.end();
  source.pipe(stream);
  return buffer(stream);
};

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

t.test('what was sealed opens again, however it is cut into chunks', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 700_000 }),
      fc.integer({ min: 1_000, max: 400_000 }),
      async (length, cut) => {
        const plain = randomBytes(length);
        const sealed = await through(sealStream(key, 'files', new Date()), pieces(plain, cut));
        const opened = await through(openStream(key, 'x.hhb'), pieces(sealed, cut));
        return opened.equals(plain);
      },
    ),
    { numRuns: 15 },
  );
  t.pass();
});

t.test('a flipped bit anywhere, a cut anywhere, records in another order: refused', async (t) => {
  const sealed = await through(sealStream(key, 'files', new Date()), [randomBytes(600_000)]);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: sealed.length - 1 }),
      fc.integer({ min: 0, max: 7 }),
      async (byte, bit) => {
        const flipped = Buffer.from(sealed);
        flipped[byte]! ^= 1 << bit;
        return through(openStream(key, 'x.hhb'), [flipped]).then(
          () => false,
          () => true,
        );
      },
    ),
    { numRuns: 40 },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: sealed.length - 1 }), async (length) =>
      through(openStream(key, 'x.hhb'), [sealed.subarray(0, length)]).then(
        () => false,
        () => true,
      ),
    ),
    { numRuns: 40 },
  );
  const twice = Buffer.concat([sealed, sealed.subarray(sealed.length - 1_000)]);
  await t.rejects(through(openStream(key, 'x.hhb'), [twice]), { code: 'store_corrupt' });
});

t.test('names of log files between two', (t) => {
  t.same(segmentsBetween('0000000100000000000000FE', '000000010000000100000001'), [
    '0000000100000000000000FE',
    '0000000100000000000000FF',
    '000000010000000100000000',
    '000000010000000100000001',
  ]);
  t.end();
});

t.test(
  'a backup of a busy database restores, is checked, and refuses what is wrong with it',
  { timeout: 180_000 },
  async (t) => {
    const dataDir = newFolder(t);
    const database = await open(t, dataDir);
    await migrate(database, at);
    for (let i = 0; i < 3; i++) await addTenant(database);
    let busy = true;
    const writing = (async () => {
      for (let i = 0; busy; i++) {
        await addTenant(database);
        await database.ownerPool.query(
          'CREATE TABLE IF NOT EXISTS churn AS SELECT g, md5(g::text) FROM generate_series(1, 2000) g',
        );
        if (i % 5 === 4) await database.ownerPool.query('DROP TABLE churn');
      }
    })();
    const folder = newFolder(t);
    const file = join(folder, 'one.hhb');
    const taken = await takeFiles({
      ...{ access: database.embedded!, key, file, version: 'test', incarnation: uuidv7(), secretPrint: 'x' },
      ...{ clock: systemClock, signal: new AbortController().signal },
    });
    busy = false;
    await writing;
    t.ok(taken.bytes < taken.manifest.bytes, `compressed: ${taken.bytes} of ${taken.manifest.bytes}`);
    t.same(readdirSync(folder), ['one.hhb'], 'nothing half-written beside it');
    t.notMatch(readFileSync(file).toString('latin1'), /PG_VERSION|tenants/, 'nothing can be read without the key');

    const scratch = join(newFolder(t), 'check');
    const report = await checkRestore({ ...at, file, key, scratch });
    t.match(report, { ok: true, faults: [] });
    t.ok(report.tables > 30 && report.indexes > 30, `${report.tables} tables and ${report.indexes} indexes were read`);
    t.notOk(existsSync(scratch), 'the scratch folder went');

    const into = () => join(newFolder(t), 'restored');
    await t.test(
      'a wrong key, a damaged, a cut, a foreign and a missing file, and a folder that is not empty',
      async (t) => {
        const restore = (given: string, more = {}) =>
          restoreFiles({ ...at, file: given, key, dataDir: into(), until: 'backup', ...more });
        await t.rejects(restore(file, { key: new BackupKey('some other key, also long') }), {
          code: 'forbidden',
          hint: /HALLHUB_BACKUP_KEY_FILE/,
        });
        const bytes = readFileSync(file);
        const other = join(folder, 'other.hhb');
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        writeFileSync(other, bytes);
        await t.rejects(restore(other), { code: 'store_corrupt', message: /other\.hhb is damaged/ });
        writeFileSync(other, readFileSync(file));
        truncateSync(other, bytes.length - 30_000);
        await t.rejects(restore(other), { code: 'store_corrupt', message: /cut short/ });
        writeFileSync(other, 'PK this is something else altogether');
        await t.rejects(restore(other), { code: 'invalid_input', message: /not a backup of HallHub/ });
        await t.rejects(restore(join(folder, 'none.hhb')), { code: 'not_found' });
        await t.rejects(restore(file, { dataDir }), { code: 'conflict', hint: /--data/ });
        const left = into();
        await t.rejects(restore(other, { dataDir: left }));
        t.same(existsSync(left) ? readdirSync(left) : [], [], 'a refused one leaves nothing behind');
        rmSync(other);
      },
    );

    await t.test('the restored folder opens as any other', async (t) => {
      const dataDir = into();
      await restoreFiles({ ...at, file, key, dataDir, until: 'backup' });
      const restored = await open(t, dataDir);
      t.ok(Number(await ask(restored, 'SELECT count(*) FROM tenants')) >= 3);
      t.equal(await ask(restored, 'SHOW data_checksums'), 'on');
      t.same(await migrate(restored, at), [], 'its migrations are all there');
    });
  },
);
