import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { liveJson } from '@hallhub/shared/vision';
import t from 'tap';
import { withSystem } from '../../db/index.js';
import { bytes, openTestVideo } from './test-video.js';

t.setTimeout(300_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Without what nobody holds any more. Buffers are freed beside the program, some time after their collection: the least of a few looks. */
const heldBytes = async (): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 10; look++) {
    collect();
    least = Math.min(least, process.memoryUsage().arrayBuffers);
    await setTimeout(20);
  }
  return least;
};

const begin = [
  liveJson('describe', { v: 1, stream: 's', codec: 'avc1.42e01e', width: 640, height: 360 }),
  { kind: 'init', payload: bytes(800) },
] as const;

t.test('what ends while somebody looks', async (t) => {
  const { cloud, deviceId, told, watch, feed, hub } = await openTestVideo(t);
  const change = (sql: string, values: unknown[]) => withSystem(cloud.db, (tx) => tx.$client.query(sql, values));
  const look = async (who: Awaited<ReturnType<typeof cloud.signInAs>>, more: object = {}) => {
    const { status, body } = await who.post('/video/watch', { deviceIds: [deviceId], ...more });
    t.equal(status, 201);
    const screen = watch(`${body.path}?ticket=${encodeURIComponent(body.ticket)}`);
    await screen.until(() => screen.seen.length > 0);
    return screen;
  };
  const owner = await cloud.signInAs('owner');
  const observer = await cloud.signInAs('observer');

  await t.test('a browser’s socket that dies is no viewer any more', async (t) => {
    const screen = await look(owner);
    t.equal(hub().viewers, 1);
    screen.socket.terminate();
    await cloud.until(() => hub().viewers === 0);
    t.equal(hub().cameras, 0);
  });

  await t.test('the right is withdrawn', async (t) => {
    const [stays, goes] = [await look(owner), await look(observer)];
    await change('DELETE FROM role_grants WHERE user_id = $1', [observer.userId]);
    await cloud.clock.advance(8_000);
    await goes.until(() => goes.ended() !== undefined);
    t.equal(goes.ended(), 4_003, 'within a lease, long before the ticket ends');
    t.equal(stays.ended(), undefined);
    t.equal((await observer.post('/video/watch', { deviceIds: [deviceId] })).status, 403);
    stays.socket.close();
    await cloud.until(() => hub().viewers === 0);
  });

  await t.test('a metered line: only who may spend it, and says so', async (t) => {
    const plain = await look(owner);
    t.notOk(told.at(-1)?.message.despiteMetered);
    const viewer = await cloud.signInAs('observer');
    const refused = await viewer.post('/video/watch', { deviceIds: [deviceId], despiteMetered: true });
    t.equal(refused.status, 403);
    const payer = await look(owner, { despiteMetered: true });
    t.equal(told.at(-1)?.message.despiteMetered, true, 'the unit is told at once');
    t.match((await cloud.auditRows('camera.watched')).at(-1), { after: { despiteMetered: true } });
    payer.socket.close();
    await cloud.until(() => hub().viewers === 1);
    await cloud.clock.advance(5_000);
    t.notOk(told.at(-1)?.message.despiteMetered, 'and told when nobody pays any more');
    plain.socket.close();
    await cloud.until(() => hub().viewers === 0);
  });

  await t.test('a browser that cannot play the camera’s own encoding', async (t) => {
    const screen = await look(owner);
    screen.socket.send(JSON.stringify({ camera: 0, form: 'mpeg1' }));
    await cloud.until(() => told.at(-1)?.message.form === 'mpeg1');
    const stream = feed({ form: 'mpeg1' });
    await stream.write(liveJson('describe', { v: 1, stream: 'm', codec: 'mpeg1', width: 640, height: 360 }));
    await stream.write({ kind: 'key', payload: bytes(188) });
    await screen.until(() => screen.seen.at(-1) === '0 key');
    const late = await look(owner);
    late.socket.send(JSON.stringify({ camera: 0, form: 'mpeg1' }));
    await late.until(() => late.seen.at(-1) === '0 key');
    t.same(late.seen.slice(-3), ['0 state live', '0 describe', '0 key'], 'there is no init to wait for');
    late.socket.send(JSON.stringify({ camera: 7, form: 'mpeg1' }));
    await late.until(() => late.ended() !== undefined);
    t.equal(late.ended(), 4_003);
    screen.socket.close();
    await cloud.until(() => hub().viewers === 0);
    await stream.write({ kind: 'more', payload: bytes(188) });
    t.equal((await stream.answer).status, 204, 'nobody looks any more');
  });

  await t.test('a viewer that reads nothing: the others see all, and memory does not grow', async (t) => {
    const [quick, frozen] = [await look(owner), await look(owner)];
    const stream = feed();
    for (const record of begin) await stream.write(record);
    await stream.write({ kind: 'key', payload: bytes(10_000) });
    await frozen.until(() => frozen.seen.at(-1) === '0 key');
    frozen.socket.pause();
    const before = await heldBytes();
    for (let n = 1; n <= 300; n++) {
      await stream.write({ kind: n % 25 === 0 ? 'key' : 'more', payload: bytes(200_000) });
      await quick.until(() => quick.seen.length >= n + 5);
    }
    t.equal(quick.seen.filter((one) => one.endsWith('key')).length, 13);
    const grown = ((await heldBytes()) - before) / 1_048_576;
    t.ok(grown < 40, `60 MB went by, ${Math.round(grown)} MB more are held`);
    frozen.socket.resume();
    await frozen.until(() => frozen.seen.length > 4);
    const from = frozen.seen.length;
    await cloud.until(() => frozen.socket.readyState === frozen.socket.OPEN);
    await stream.write({ kind: 'more', payload: bytes(1_000) });
    await stream.write({ kind: 'key', payload: bytes(1_000) });
    await frozen.until(() => frozen.seen.slice(from).includes('0 key'));
    frozen.socket.pause();
    // What the kernel holds is taken; after that nothing is.
    const seen = quick.seen.length;
    for (let n = 1; n <= 150; n++) {
      await stream.write({ kind: 'key', payload: bytes(200_000) });
      await quick.until(() => quick.seen.length >= seen + n);
    }
    for (let n = 0; n < 3; n++) await cloud.clock.advance(20_000);
    await cloud.until(() => hub().viewers === 1);
    quick.socket.close();
    await stream.end();
    await stream.answer;
    await cloud.until(() => hub().viewers === 0);
  });

  await t.test('the camera is removed', async (t) => {
    const screen = await look(owner);
    const stream = feed();
    for (const record of begin) await stream.write(record);
    await stream.write({ kind: 'key', payload: bytes(1_000) });
    await screen.until(() => screen.seen.at(-1) === '0 key');
    await change(`UPDATE devices SET state = 'retired' WHERE id = $1`, [deviceId]);
    await cloud.clock.advance(5_001);
    await stream.write({ kind: 'more', payload: bytes(1_000) });
    await t.rejects(stream.answer, { code: 'not_found' });
    await screen.until(() => screen.seen.at(-1) === '0 state refused');
    await cloud.clock.advance(8_000);
    await screen.until(() => screen.ended() !== undefined);
    t.equal(screen.ended(), 4_003);
    await t.rejects(feed().answer, { code: 'not_found' });
  });
});
