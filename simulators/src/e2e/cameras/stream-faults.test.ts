import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { CameraSource } from '../../../../edge/src/vision/pipeline/camera-source.js';
import { FragmentStream } from '../../../../edge/src/vision/pipeline/fragment-stream.js';
import type { SourceState } from '../../../../edge/src/vision/pipeline/source-state.js';
import { CameraPictures } from '../../peers/camera/camera-pictures.js';
import { type Clip, openClipStore } from '../../peers/camera/footage/clip-store.js';
import { openEncoder } from '../../peers/camera/footage/raw-video.js';
import { openStreamServer } from '../../peers/camera/rtsp-stream.js';
import { testFolder } from '../test-folder.js';
import { waitUntil } from '../wait-until.js';

t.setTimeout(600_000);
const stream = await openStreamServer();
t.teardown(() => ('port' in stream ? stream[Symbol.asyncDispose]() : undefined));
const lacks =
  'missing' in stream ? stream.why : spawnSync('ffmpeg', ['-version']).error ? 'ffmpeg: apt-get install ffmpeg' : false;

const size = { width: 320, height: 180 };
const fps = 10;

/** A box that walks to and fro before a chequered wall. */
const paint = (n: number): Uint8Array =>
  Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % size.width;
    const y = Math.floor(i / 3 / size.width);
    const left = 100 + Math.round(80 * Math.sin(n / 5));
    if (x >= left && x < left + 40 && y > 60) return 40;
    return ((x >> 4) + (y >> 4)) % 2 ? 180 : 140;
  });

const makeClip = async (folder: string): Promise<Clip> => {
  mkdirSync(folder, { recursive: true });
  const main = { ...size, file: join(folder, 'main.h264') };
  const sub = { width: 160, height: 90, file: join(folder, 'sub.h264') };
  const encoder = openEncoder({ ...size, fps, streams: [main, sub] });
  for (let n = 0; n < 40; n++) await encoder.write(paint(n));
  await encoder.end();
  return { name: 'still', folder, fps, pictures: 40, main, sub };
};

/** The unit's own way from an address to pictures and fragments. */
const watch = (t: Test, url: string) => {
  const states: SourceState[] = [];
  const sizes: string[] = [];
  const inits: string[] = [];
  const seen = { pictures: 0 };
  const fragments = new FragmentStream();
  fragments.subscribe({
    onInit: (init) => inits.push(`${init.width}x${init.height}`),
    onFragment: () => undefined,
  });
  const source = new CameraSource({
    ...{ cameraId: url, fps: 5, clock: systemClock, fragments, random: () => 0.5 },
    ...{ address: { kind: 'rtsp', url, transport: 'tcp' }, silentAfterMs: 6_000 },
    onPicture: ({ width, height }) => {
      seen.pictures += 1;
      if (sizes.at(-1) !== `${width}x${height}`) sizes.push(`${width}x${height}`);
    },
    onState: (state) => states.push(state),
  });
  const stop = new AbortController();
  const done = source.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await done;
  });
  const more = (what: string) => {
    const before = seen.pictures;
    return waitUntil(what, () => source.state.state === 'playing' && seen.pictures >= before + 5, {
      seen: () => JSON.stringify(states),
    });
  };
  return { source, states, sizes, inits, seen, more };
};

t.test(
  'another size, a restart, no pictures, damaged ones: said, overcome, and no neighbour notices',
  { skip: lacks },
  async (t) => {
    if ('missing' in stream) throw new Error(stream.why);
    const folder = testFolder(t);
    const clip = await makeClip(join(folder, 'made'));
    const store = openClipStore(join(folder, 'store'));
    const footage = { store, clip, startedAtMs: Date.now() };
    const open = async (path: string) => {
      const pictures = await CameraPictures.open(stream, { path, credential: undefined });
      t.teardown(() => pictures[Symbol.asyncDispose]());
      await pictures.play(footage);
      return pictures;
    };
    const [camera, neighbour] = [await open('faulty'), await open('neighbour')];
    const one = watch(t, camera.urls.main);
    const other = watch(t, neighbour.urls.main);
    await one.more('pictures');
    await other.more('pictures of the neighbour');

    await camera.fail('resized');
    await waitUntil('pictures of the other size', () => one.sizes.at(-1) === '640x480');
    await waitUntil('the recording to begin anew with it', () => one.inits.at(-1) === '640x480');
    await camera.fail('none');
    await waitUntil('the size it had', () => one.sizes.at(-1) === '320x180');

    const beforeRestart = one.states.length;
    await camera.fail('restarted');
    await waitUntil('it is seen to be gone', () =>
      one.states.slice(beforeRestart).some(({ state }) => state !== 'playing'),
    );
    await one.more('pictures after the restart, by itself');

    const beforeStall = one.states.length;
    await camera.fail('stalled');
    const silent = await waitUntil('silence', () =>
      one.states.slice(beforeStall).find(({ state }) => state === 'silent'),
    );
    // No bytes of the stream it had, or no answer when it asked anew.
    t.ok(['no_bytes', 'no_answer'].includes(silent.reason ?? ''));
    await camera.fail('none');
    await one.more('pictures after the silence');

    const errors = one.source.figures.decodeErrors;
    await camera.fail('damaged');
    await waitUntil('damage', () => one.source.figures.decodeErrors > errors, {
      seen: () => JSON.stringify(one.source.figures),
    });
    await camera.fail('none');
    await one.more('pictures after the damage');

    await other.more('the neighbour still plays');
    t.equal(other.source.figures.starts, 1, 'and never stopped');
    t.same(
      other.states.map(({ state }) => state),
      ['playing'],
    );
  },
);
