import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { CameraPictures } from './camera-pictures.js';
import { splitAccessUnits } from './footage/access-units.js';
import { type Clip, openClipStore } from './footage/clip-store.js';
import { openEncoder } from './footage/raw-video.js';
import { openStreamServer } from './rtsp-stream.js';

t.setTimeout(300_000);
const stream = await openStreamServer();
t.teardown(() => ('port' in stream ? stream[Symbol.asyncDispose]() : undefined));
const lacks =
  'missing' in stream ? stream.why : spawnSync('ffmpeg', ['-version']).error ? 'ffmpeg: apt-get install ffmpeg' : false;

const size = { width: 192, height: 108 };
const fps = 10;
const pictures = 40;
/** How bright picture n is: read back from the stream it tells which one was sent. */
const greyOf = (n: number) => 30 + n * 5;
const credential = { userName: 'viewer', password: 'of pictures' };

const makeClip = async (folder: string): Promise<Clip> => {
  mkdirSync(folder, { recursive: true });
  const main = { ...size, file: join(folder, 'main.h264') };
  const sub = { width: 96, height: 54, file: join(folder, 'sub.h264') };
  const encoder = openEncoder({ ...size, fps, streams: [main, sub] });
  for (let n = 0; n < pictures; n++) await encoder.write(new Uint8Array(size.width * size.height * 3).fill(greyOf(n)));
  await encoder.end();
  return { name: 'still', folder, fps, pictures, main, sub };
};

/** Watches for a while: the mean grey of every picture, with when it came, and how the player ended. */
const watch = async (url: string, seconds: number, during: () => void = () => undefined) => {
  const signedIn = url.replace('//', `//${credential.userName}:${encodeURIComponent(credential.password)}@`);
  const args = [
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-allowed_media_types',
    'video',
    '-analyzeduration',
    '200000',
    '-fflags',
    'nobuffer',
    '-flags',
    'low_delay',
    '-timeout',
    '10000000',
  ];
  const frames = [
    '-an',
    '-vf',
    'scale=16:9',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', [...args, '-i', signedIn, '-frames:v', String(Math.round(seconds * fps)), ...frames]);
  const seen: { grey: number; atMs: number }[] = [];
  let bytes = Buffer.alloc(0);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (; bytes.length >= 144; bytes = bytes.subarray(144)) {
      if (seen.length === 0) during();
      seen.push({ grey: bytes.subarray(0, 144).reduce((sum, one) => sum + one, 0) / 144, atMs: Date.now() });
    }
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const kill = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await once(child, 'close');
  clearTimeout(kill);
  return { seen, said };
};

t.test('footage is shown at its time, fails as told, and comes back', { skip: lacks }, async (t) => {
  if ('missing' in stream) throw new Error(stream.why);
  const folder = t.testdir({});
  const clip = await makeClip(join(folder, 'grey'));
  const store = openClipStore(folder);
  const camera = await CameraPictures.open(stream, { path: 'camera', credential });
  await t.rejects(camera.fail('black'), /no footage/);
  t.equal(await camera.snapshot(), undefined, 'a test picture');
  // Footage that began now, and not then, would be thirty pictures behind.
  const startedAtMs = Date.now() - 11_045;
  await camera.play({ store, clip, startedAtMs });

  const numberAt = (atMs: number) => Math.floor(((atMs - startedAtMs) * fps) / 1000);
  /** How many pictures behind the truth each one comes; below 0 would be before it happens. */
  const late = ({ grey, atMs }: { grey: number; atMs: number }) => {
    const n = Math.round((grey - greyOf(0)) / 5);
    return (((numberAt(atMs) - n) % pictures) + pictures) % pictures;
  };
  const { seen, said } = await watch(camera.urls.main, 2.5);
  t.ok(seen.length >= 15, `${seen.length} pictures in 2.5 s ${said}`);
  const delays = seen.map(late).sort((a, b) => a - b);
  const median = delays[delays.length >> 1] ?? -1;
  t.ok(median <= 25, `half of them within ${median / fps} s of their moment`);
  t.ok(new Set(seen.map(({ grey }) => Math.round(grey))).size > 10, 'they move on');

  await camera.fail('frozen');
  const still = await watch(camera.urls.sub, 0.8);
  t.ok(new Set(still.seen.map(({ grey }) => Math.round(grey / 2))).size <= 2, 'one picture, again and again');
  await camera.fail('black');
  const black = await watch(camera.urls.main, 1);
  t.ok((black.seen.at(-1)?.grey ?? 255) < 30, `nothing is seen: ${black.seen.at(-1)?.grey}`);
  await camera.fail('none');

  const gone = await watch(camera.urls.main, 15, () => void camera.fail('no-stream'));
  t.ok(gone.seen.length < 15 * fps, 'the viewers are thrown out');
  t.match((await watch(camera.urls.main, 1)).said, /404/);
  await camera.fail('password-changed');
  t.match((await watch(camera.urls.main, 1)).said, /401/);
  await camera.fail('none');
  t.ok((await watch(camera.urls.main, 0.5)).seen.length > 0, 'as if nothing had been');

  const jpeg = await camera.snapshot();
  const { width, height } = await sharp(jpeg).metadata();
  t.same({ width, height }, size, 'a snapshot of what is shown');
  await camera[Symbol.asyncDispose]();
});

t.test('pictures are told apart, and which of them are whole', { skip: lacks }, async (t) => {
  const clip = await makeClip(join(t.testdir({}), 'grey'));
  const { readFileSync } = await import('node:fs');
  const { units, whole } = splitAccessUnits(readFileSync(clip.main.file));
  t.equal(units.length, pictures);
  t.same(
    whole.map((is, i) => (is ? i : -1)).filter((i) => i >= 0),
    [0, 10, 20, 30],
  );
  t.same(splitAccessUnits(Buffer.from('nothing of the kind')).units, []);
});
