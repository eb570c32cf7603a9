import type { LiveTracks } from '@hallhub/shared/vision';
import t from 'tap';
import { TrackKeeper } from './track-keeper.js';

const at = (mediaMs: number | undefined, x: number, id = 1): LiveTracks => ({
  ...{ v: 1, at: 1_000_000 + (mediaMs ?? 0), ...(mediaMs === undefined ? {} : { mediaMs }) },
  tracks: [{ id, label: 'person', confidence: 0.8, box: [x, 0.2, 0.1, 0.5] }],
});
const x = (keeper: TrackKeeper, mediaMs: number) => keeper.at(mediaMs)[0]?.box[0];

t.test('boxes belong to the picture that is shown', async (t) => {
  const keeper = new TrackKeeper();
  t.same(keeper.at(0), []);
  keeper.take(at(1_000, 0.1));
  keeper.take(at(1_200, 0.2));
  keeper.take(at(1_400, 0.3));
  t.equal(x(keeper, 900), undefined, 'not before anything was seen');
  t.ok(Math.abs(x(keeper, 1_100)! - 0.15) < 1e-9, 'between two');
  t.ok(Math.abs(x(keeper, 1_300)! - 0.25) < 1e-9);
  t.ok(Math.abs(x(keeper, 1_500)! - 0.35) < 1e-9, 'as it went on');
  t.ok(Math.abs(x(keeper, 3_000)! - 0.5) < 1e-9, 'and no further than that');
  t.equal(x(keeper, 4_000), undefined, 'nobody follows any more');
});

t.test('who is new stands where they were seen', async (t) => {
  const keeper = new TrackKeeper();
  keeper.take(at(1_000, 0.1));
  keeper.take(at(1_200, 0.7, 2));
  t.equal(x(keeper, 1_100), 0.1);
  t.equal(x(keeper, 1_250), 0.7);
});

t.test('a stream that began anew, and one without a time of its own', async (t) => {
  const keeper = new TrackKeeper();
  keeper.take(at(90_000, 0.1));
  keeper.take(at(100, 0.2));
  t.equal(x(keeper, 150), 0.2);
  const bare = new TrackKeeper();
  bare.take(at(undefined, 0.4));
  t.equal(x(bare, 7), 0.4);
});
