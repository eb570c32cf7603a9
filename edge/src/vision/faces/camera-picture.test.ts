import path from 'node:path';
import t from 'tap';
import { clipFile, skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { openRtspRefuser } from '../pipeline/test-rtsp-refuser.js';
import { cameraPicture } from './camera-picture.js';

const skip = skipWithoutFfmpeg;

t.test('one picture of a camera as it is now, and no ffmpeg is left', { skip }, async (t) => {
  const file = clipFile(path.join(t.testdir({}), 'hall.mp4'), { seconds: 1 });
  const picture = await cameraPicture({ kind: 'file', path: file, loop: true }, 'ffmpeg');
  t.match(picture, { width: 320, height: 180 });
  t.equal(picture.rgb.length, 320 * 180 * 3);
  t.ok(picture.rgb.some((value) => value > 0));
});

t.test('why none comes is said, without what opens the camera', { skip }, async (t) => {
  await using refuser = await openRtspRefuser(() => '401 Unauthorized');
  const address = {
    kind: 'rtsp',
    url: refuser.url,
    userName: 'hall',
    password: 's3cret-word',
    transport: 'tcp',
  } as const;
  const error = await cameraPicture(address, 'ffmpeg').catch((caught: Error) => caught);
  t.match(error, { code: 'unavailable', message: /wrong_credentials/ });
  t.notMatch(JSON.stringify([error, (error as Error).message]), /s3cret|127\.0\.0\.1/);
});

t.test('without ffmpeg it says what to install', async (t) => {
  const address = { kind: 'file', path: '/none.mp4', loop: true } as const;
  await t.rejects(cameraPicture(address, '/none/ffmpeg'), { code: 'unavailable', hint: /apt-get install ffmpeg/ });
});
