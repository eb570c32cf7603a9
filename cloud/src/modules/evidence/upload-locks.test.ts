import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { startTestDatabase } from '../../db/testing.js';
import { until } from '../streams/testing.js';
import { sha256Of, startTestEvidence, TestSender, testJpeg } from './testing.js';
import { UploadLocks } from './upload-locks.js';

const never = new AbortController().signal;

t.test('one at a time over two processes, and who has it is asked to let go', async (t) => {
  const database = await startTestDatabase(t);
  const open = (patienceMs: number) => new UploadLocks({ database, clock: systemClock, patienceMs });
  const [first, second] = [open(60_000), open(60_000)];
  const inside = new Set<string>();
  let most = 0;
  const work = (name: string) => async () => {
    inside.add(name);
    most = Math.max(most, inside.size);
    await pause(2);
    inside.delete(name);
  };
  await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? first : second).hold('a', work(`worker ${i}`))),
  );
  t.equal(most, 1);

  const held = first.newLock('b');
  let asked = 0;
  await held.lock(never, () => {
    asked += 1;
    void held.unlock();
  });
  await second.hold('b', async () => {});
  t.ok(asked >= 1, 'the other process heard that it is wanted');

  const kept = first.newLock('c');
  await kept.lock(never, () => {});
  for (const impatient of [open(100), new UploadLocks({ database, clock: systemClock, patienceMs: 100 }), first]) {
    if (impatient === first) break;
    await t.rejects(
      impatient.hold('c', async () => {}),
      { message: /Another connection/ },
    );
  }
  await second.hold('d', async () => {});
  await kept.unlock();
  await second.hold('c', async () => {});
  await until(async () => database.appPool.idleCount === database.appPool.totalCount);
  t.pass('no connection is held by who holds no lock');
});

t.test('a connection that breaks cancels what it held, and lets the next one in', async (t) => {
  const database = await startTestDatabase(t);
  const locks = new UploadLocks({ database, clock: systemClock, patienceMs: 60_000 });
  const lock = locks.newLock('a');
  let cancelled = false;
  await lock.lock(never, () => {
    cancelled = true;
  });
  await database.ownerPool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory%' AND pid <> pg_backend_pid()`,
  );
  await until(async () => cancelled);
  await lock.unlock();
  await locks.hold('a', async () => {});
});

/** A body that is sent piece by piece, as a slow line does. */
const slowBody = () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  return {
    stream,
    push: (bytes: Uint8Array) => controller?.enqueue(bytes),
    end: () => controller?.close(),
  };
};

t.test('a line that changed to another process while the old one still sends: whole, and as announced', async (t) => {
  const { sender, openAnother, unitId, uploadsDir, addManifest, blobs, tenantId } = await startTestEvidence(t);
  const other = new TestSender(await openAnother(), unitId);
  const id = uuidv7();
  const bytes = testJpeg(100_000);
  const sha256 = sha256Of(bytes);
  await addManifest(id, { bytes: bytes.length, sha256 });
  const path = (await sender.create(id, { bytes: bytes.length, sha256 })).headers.get('location') ?? '';
  const slow = slowBody();
  const first = sender.patch(path, 0, slow.stream);
  slow.push(bytes.subarray(0, 40_000));
  const draft = join(uploadsDir, path.split('/').at(-1) ?? '');
  await until(async () => statSync(draft).size === 40_000);
  // The unit lost that connection; its process does not know yet.
  const looked = await other.head(path);
  t.equal(looked.status, 200);
  const offset = Number(looked.headers.get('upload-offset'));
  t.equal(offset, 40_000, 'what came is kept');
  const rest = other.patch(path, offset, bytes.subarray(offset));
  slow.push(Buffer.alloc(60_000, 0x58));
  slow.end();
  t.equal((await rest).status, 204);
  await first.catch(() => undefined);
  t.match(await other.standing(id), { state: 'complete', sha256 });
  const chunks: Buffer[] = [];
  for await (const chunk of await blobs.open({ tenantId, sha256 })) chunks.push(chunk as Buffer);
  t.equal(sha256Of(Buffer.concat(chunks)), sha256, 'bytes that came late did not change what was checked');
});

t.test('the same piece by two processes at once', async (t) => {
  const { sender, openAnother, unitId, addManifest } = await startTestEvidence(t);
  const other = new TestSender(await openAnother(), unitId);
  for (let round = 0; round < 5; round++) {
    const id = uuidv7();
    const bytes = testJpeg(200_000);
    const sha256 = sha256Of(bytes);
    await addManifest(id, { bytes: bytes.length, sha256 });
    const path = (await sender.create(id, { bytes: bytes.length, sha256 })).headers.get('location') ?? '';
    const answers = await Promise.all([sender.patch(path, 0, bytes), other.patch(path, 0, bytes)]);
    const statuses = answers.map(({ status }) => status).sort();
    t.equal(statuses[0], 204);
    // The other one finds that there is nothing to add, or nothing any more.
    t.ok([204, 404, 409, 410].includes(statuses[1] ?? 0), String(statuses));
    t.match(await other.standing(id), { state: 'complete', sha256 });
    const [again] = await Promise.all([sender.head(path), other.head(path)]);
    t.ok([404, 410].includes(again.status));
  }
});

t.test('a connection that breaks as it is given back takes no other with it, and is not kept', async (t) => {
  const made: (EventEmitter & { released: unknown[]; breakOff?: (error: Error) => void })[] = [];
  const connect = async () => {
    const client = Object.assign(new EventEmitter(), {
      released: [] as unknown[],
      breakOff: undefined as ((error: Error) => void) | undefined,
      release: (error?: Error) => void client.released.push(error),
      query: (sql: string) =>
        sql.startsWith('UNLISTEN') && made[0] === client
          ? new Promise((_resolve, reject) => {
              client.breakOff = reject;
            })
          : Promise.resolve({ rows: [{ got: true }] }),
    });
    made.push(client);
    return client;
  };
  const locks = new UploadLocks({ database: { appPool: { connect } as never }, clock: systemClock });
  await locks.hold('a', async () => {});
  await until(async () => made[0]?.breakOff !== undefined);
  let asked = 0;
  const lock = locks.newLock('b');
  await lock.lock(never, () => void asked++);
  t.equal(made.length, 2);
  const broken = new Error('Connection terminated');
  made[0]?.emit('error', broken);
  made[0]?.breakOff?.(broken);
  await until(async () => made[0]?.released.length !== 0);
  t.same(made[0]?.released, [broken], 'once, and never to be used again');
  t.equal(asked, 0, 'who holds a lock by another connection keeps it');
  await lock.unlock();
  await until(async () => made[1]?.released.length === 1);
  t.equal(made.length, 2);
});
