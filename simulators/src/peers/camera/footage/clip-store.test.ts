import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { splitAccessUnits } from './access-units.js';
import { type Clip, openClipStore } from './clip-store.js';
import { pictureJpeg } from './picture-jpeg.js';
import { missingForFootage, prepareClips } from './prepare-clips.js';

t.setTimeout(300_000);
const [lacks] = missingForFootage();
const skip = lacks ? `${lacks.why}: ${lacks.install}` : false;

t.test('a scene is made once, whoever asks, and is whole', { skip }, async (t) => {
  const folder = join(t.testdir({}), 'clips');
  const store = openClipStore(folder);
  // As another process would, at the same time.
  const [clip, other] = await Promise.all([store.clip('still') as Promise<Clip>, openClipStore(folder).clip('still')]);
  t.same(other, clip);
  const failed: string[] = [];
  using preparing = prepareClips(folder, ['still'], (name, why) => failed.push(`${name}: ${why}`));
  t.ok(await preparing.made('still'), failed.join());
  t.equal(await store.clip('still'), clip, 'known');
  t.same(await openClipStore(folder).clip('still'), clip, 'found');
  t.equal(readdirSync(folder).length, 1, 'nothing half is left');

  const truth = await store.truth(clip);
  t.match(truth, { scene: 'still', seed: 1, width: 768, height: 432, fps: 10 });
  t.equal(truth?.pictures.length, clip.pictures);
  for (const stream of [clip.main, clip.sub]) {
    const { units, whole } = splitAccessUnits(await readFile(stream.file));
    t.equal(units.length, clip.pictures);
    t.equal(whole.filter(Boolean).length, clip.pictures / clip.fps, 'a whole picture each second');
  }
  const jpeg = await pictureJpeg(clip, { startedAtMs: 0, atMs: 3_450 });
  t.same([...jpeg.subarray(0, 2)], [0xff, 0xd8]);
});

t.test('without footage it says what is missing', async (t) => {
  t.intercept(process, 'env', { value: { ...process.env, HALLHUB_FOOTAGE: '/nowhere/walk.avi' } });
  t.match(await openClipStore(t.testdir({})).clip('counter'), { missing: 'footage of people', install: /opencv-doc/ });
  t.match(missingForFootage({ PATH: '/nowhere', HALLHUB_FOOTAGE: '/nowhere/walk.avi' }), [
    { missing: 'footage of people' },
    { missing: 'ffmpeg' },
  ]);
});
