import t from 'tap';
import { judgeSight, type SightEvidence, settleMs } from './judge-sight.js';
import { PresetPlaces } from './preset-places.js';
import { viewsInSight } from './views-in-sight.js';

const door = { token: '1', name: '入口', place: { pan: -0.5, tilt: 0.1, zoom: 0 } };
const counter = { token: '2', name: '柜台', place: { pan: 0.4, tilt: -0.1, zoom: 0.3 } };
const evidence = (over: Partial<SightEvidence>): SightEvidence => ({
  ...{
    nowMs: 100_000,
    seen: { ...door.place, isMoving: false },
    before: undefined,
    presets: [door, counter],
    told: undefined,
  },
  ...over,
});
const judge = (over: Partial<SightEvidence>) => judgeSight(evidence(over));

t.test('a camera that says where it is', async (t) => {
  t.same(judge({}), { state: 'at', preset: '1' });
  t.same(judge({ seen: { pan: -0.49, tilt: 0.108, zoom: 0.01, isMoving: false } }), { state: 'at', preset: '1' });
  t.same(judge({ seen: { pan: -0.45, tilt: 0.1, zoom: 0, isMoving: false } }), { state: 'elsewhere' });
  t.same(
    judge({ seen: { ...door.place, zoom: 0.2, isMoving: false } }),
    { state: 'elsewhere' },
    'another zoom is another picture',
  );
  t.same(judge({ seen: { ...door.place, isMoving: true } }), { state: 'moving' });
  t.same(judge({ seen: undefined }), { state: 'unknown' });
  const edge = { token: '3', name: '', place: { pan: 0.999, tilt: 0, zoom: 0 } };
  t.same(judge({ presets: [edge], seen: { pan: -0.996, tilt: 0, zoom: 0, isMoving: false } }), {
    state: 'at',
    preset: '3',
  });
  const twin = { ...door, token: '9' };
  t.same(judge({ presets: [door, twin], told: { preset: '9', atMs: 10_000 } }), { state: 'at', preset: '9' });
});

t.test('one that does not say whether it moves', async (t) => {
  const seen = { ...counter.place, isMoving: undefined };
  t.same(judge({ seen, before: { ...counter.place, pan: 0.37 } }), { state: 'moving' });
  t.same(judge({ seen, before: { ...counter.place, pan: 0.4005 } }), { state: 'at', preset: '2' });
});

t.test('told to leave a moment ago, it does not stand where it still is', async (t) => {
  t.same(judge({ told: { preset: '2', atMs: 99_700 } }), { state: 'moving' });
  t.same(judge({ told: { preset: undefined, atMs: 99_700 } }), { state: 'moving' });
  t.same(judge({ told: { preset: '1', atMs: 99_700 } }), { state: 'at', preset: '1' }, 'it is there already');
  t.same(
    judge({ told: { preset: '2', atMs: 90_000 } }),
    { state: 'at', preset: '1' },
    'where it is counts, not where it was sent',
  );
});

t.test('one that does not say where it is: by what it was told', async (t) => {
  const seen = { isMoving: undefined };
  t.same(judge({ seen }), { state: 'unknown' });
  t.same(judge({ seen, told: { preset: '2', atMs: 100_000 - settleMs + 1 } }), { state: 'moving' });
  t.same(judge({ seen, told: { preset: '2', atMs: 100_000 - settleMs } }), { state: 'at', preset: '2' });
  t.same(
    judge({ seen, told: { preset: undefined, atMs: 50_000 } }),
    { state: 'unknown' },
    'turned by hand to somewhere',
  );
});

t.test('where presets are is learned where the camera does not tell', async (t) => {
  const places = new PresetPlaces();
  const told = { preset: '2', atMs: 1_000 };
  const look = (pan: number, isMoving: boolean, nowMs: number) =>
    places.look({ pan, tilt: 0, zoom: 0, isMoving }, told, nowMs);
  t.notOk(look(0, false, 1_100));
  t.notOk(look(0.2, true, 2_000));
  t.notOk(look(0.4, false, 4_000), 'not before it came to rest for a while');
  t.ok(look(0.4, false, 1_000 + settleMs));
  const [filled] = places.fill([{ token: '2', name: '柜台' }]);
  t.match(filled, { place: { pan: 0.4 } });
  t.same(judgeSight(evidence({ presets: [filled!], seen: { pan: 0.4, tilt: 0, zoom: 0, isMoving: false } })), {
    ...{ state: 'at', preset: '2' },
  });
  const later = new PresetPlaces(places.learned);
  const again = { preset: '2', atMs: 50_000 };
  later.look({ pan: -0.3, tilt: 0, zoom: 0, isMoving: false }, again, 50_100);
  t.notOk(
    later.look({ pan: -0.3, tilt: 0, zoom: 0, isMoving: false }, again, 60_000),
    'one that did not obey teaches nothing',
  );
  later.forget('2');
  t.same(later.learned, []);
});

t.test('whose rules run', async (t) => {
  const [free, first, second] = [{ id: 'free' }, { id: 'a', preset: '1' }, { id: 'b', preset: '2' }];
  const ids = (...[views, sight]: Parameters<typeof viewsInSight<{ id: string; preset?: string }>>) =>
    viewsInSight(views, sight).map(({ id }) => id);
  t.same(ids([first, second], { state: 'at', preset: '2' }), ['b']);
  t.same(ids([first, second], { state: 'at', preset: '7' }), []);
  for (const state of ['moving', 'elsewhere', 'unknown'] as const) t.same(ids([first, second], { state }), [], state);
  t.same(ids([free, first], { state: 'at', preset: '1' }), ['a']);
  t.same(ids([free, first], { state: 'elsewhere' }), [], 'off every preset nobody concludes');
  t.same(ids([free], { state: 'elsewhere' }), ['free'], 'a camera without watched presets is watched as it stands');
  t.same(ids([free], { state: 'moving' }), []);
  t.same(ids([first, second], undefined), ['a'], 'nothing turns it');
});
