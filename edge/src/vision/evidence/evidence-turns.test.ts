import { overlaySchema, visionRuleSchema } from '@hallhub/shared/vision';
import t from 'tap';
import type { RecordingRing } from '../recording/index.js';
import type { EvidenceJob } from './evidence-job.js';
import { EvidenceMaker } from './evidence-maker.js';

const id = '01a20262-9489-7000-9064-d6158e8a23a8';
const all = [
  [0, 0],
  [1, 0],
  [1, 1],
];

t.test('clips that wait by the dozen cost no picture', async (t) => {
  let isHeld = true;
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  // A recording on a disk that is slow for now; then nothing of that time is in it.
  const ring = { flush: () => held, segments: [] } as unknown as RecordingRing;
  const maker = new EvidenceMaker({
    ...{ folder: t.testdir(), ffmpeg: 'ffmpeg', clips: 'clear', faces: () => undefined },
    ring: () => (isHeld ? ring : undefined),
  });
  const job: EvidenceJob = {
    ...{ episodeId: id, cameraId: id, cameraName: '柜台一', placeName: '演示营业厅', zone: 'Asia/Shanghai' },
    rule: visionRuleSchema.parse({ id, name: '离岗', algorithm: 'absence', zone: all, clip: {} }),
    ...{ overlay: overlaySchema.parse({ band: 'none' }), code: '7F3K9-QXD21', startedAt: 0, atMs: 0 },
    ...{ seen: [], people: [], picture: { width: 32, height: 18, rgb: new Uint8Array(32 * 18 * 3) } },
  };
  const clips = Array.from({ length: 70 }, () => maker.clip(job));
  t.equal(await clips.at(-1), undefined, 'there is an end to how many wait');
  await new Promise((resolve) => setImmediate(resolve));
  isHeld = false;
  const made = await maker.pictures(job);
  t.equal(made?.files[0]?.role, 'overview');
  go();
  await Promise.all(clips);
  t.equal(maker.waiting, 0);
});
