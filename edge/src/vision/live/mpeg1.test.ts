import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import { type LiveRecord, LiveRecordReader } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { FragmentReader } from '../pipeline/fragment-reader.js';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import { skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { until } from '../pipeline/test-until.js';
import { LiveOutlets } from './live-outlets.js';
import { grantOf } from './live-pipe.js';

t.setTimeout(300_000);

const lacks =
  skipWithoutFfmpeg ||
  (/libx265/.test(spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? '')
    ? false
    : 'an ffmpeg with libx265: apt-get install ffmpeg');

/** A camera that sends H.265, as the unit's own ffmpeg copies it. */
const h265Fragments = (t: Test, into: FragmentStream): void => {
  const child = spawn('ffmpeg', [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=15:duration=30'],
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=15', '-tag:v', 'hvc1'],
    ...['-movflags', 'empty_moov+default_base_moof+frag_every_frame', '-f', 'mp4', 'pipe:1'],
  ]);
  const reader = new FragmentReader({
    now: () => Date.now(),
    onInit: (init) => into.begin(init),
    onFragment: (fragment) => into.push(fragment),
  });
  child.stdout.on('data', (chunk: Buffer) => reader.push(chunk));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  });
};

const receiver = async (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-mpeg1-'));
  const records: LiveRecord[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = new LiveRecordReader();
    let isGreeted = false;
    socket.write(grantOf(1_000_000_000));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const rest = isGreeted ? chunk : chunk.subarray(chunk.indexOf(0x0a) + 1);
      isGreeted = true;
      records.push(...reader.push(rest));
    });
  });
  const socketPath = join(folder, 's');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  return { socketPath, records, folder };
};

/** Of the processes that this one started. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return parent === process.pid ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return [];
      }
    });

t.test('H.265 becomes MPEG-1 that a decoder takes, with no address among the arguments', { skip: lacks }, async (t) => {
  const stream = new FragmentStream();
  h265Fragments(t, stream);
  await until(() => stream.init !== undefined && stream.group.length > 0, 'the camera');
  t.match(stream.init?.codec, /^hvc1/);
  const { socketPath, records, folder } = await receiver(t);
  const outlets = new LiveOutlets({ fragments: stream, ffmpeg: 'ffmpeg', clock: systemClock });
  t.teardown(() => outlets.close());
  const startedMs = performance.now();
  outlets.start({ form: 'mpeg1', socketPath, token: 'x' });
  await until(() => records.some(({ kind }) => kind === 'key'), 'the first picture');
  t.comment(`the first picture after ${Math.round(performance.now() - startedMs)} ms`);
  const encoder = commandLines().find((line) => line.includes('mpeg1video'));
  t.match(encoder, /^ffmpeg -i pipe:0 -f mpegts -codec:v mpeg1video /);
  await until(() => records.filter(({ kind }) => kind === 'key').length >= 2, 'the next group of pictures');
  t.equal(records[0]?.kind, 'describe');
  t.match(JSON.parse(Buffer.from(records[0]?.payload ?? []).toString()), { codec: 'mpeg1', width: 640, height: 360 });
  const pictures = records.filter(({ kind }) => kind === 'key' || kind === 'more');
  t.equal(pictures[0]?.kind, 'key');
  const whole = Buffer.concat(pictures.map(({ payload }) => payload));
  t.equal(whole.length % 188, 0);
  // From the second key picture on as well: who comes later is given that.
  const second = pictures.findIndex(({ kind }, i) => i > 0 && kind === 'key');
  for (const from of [0, second]) {
    const decoded = spawnSync(
      'ffmpeg',
      ['-loglevel', 'error', '-f', 'mpegts', '-i', 'pipe:0', '-f', 'null', '-progress', 'pipe:1', '-'],
      { input: Buffer.concat(pictures.slice(from).map(({ payload }) => payload)), cwd: folder },
    );
    t.match(String(decoded.stdout), /frame=[1-9]/);
  }
  outlets.end('mpeg1');
  await until(() => !commandLines().some((line) => line.includes('mpeg1video')), 'the encoder’s end');
});

t.test('an ffmpeg that is not there is a refusal, not a crash', async (t) => {
  const stream = new FragmentStream();
  stream.begin({ bytes: new Uint8Array(600), codec: 'hvc1', width: 640, height: 360, timescale: 90_000 });
  const { socketPath, records } = await receiver(t);
  const outlets = new LiveOutlets({ fragments: stream, ffmpeg: '/nowhere/ffmpeg', clock: systemClock });
  t.teardown(() => outlets.close());
  outlets.start({ form: 'mpeg1', socketPath, token: 'x' });
  await until(() => records.some(({ kind }) => kind === 'state'), 'the refusal');
  t.match(JSON.parse(Buffer.from(records.at(-1)?.payload ?? []).toString()), { reason: 'cannot_convert' });
});
