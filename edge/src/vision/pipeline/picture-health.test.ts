import t from 'tap';
import type { Picture } from './picture.js';
import { PictureHealth } from './picture-health.js';
import { skipWithoutFfmpeg as skip } from './test-clip.js';
import { makePictures } from './test-pictures.js';

const startMs = Date.UTC(2026, 10, 22, 9);
/** A still scene with much in it, as a sensor sees it: with noise. */
const scene = 'mandelbrot=end_pts=1:maxiter=60';
const noise = 'noise=alls=6:allf=t';
const loop = 'loop=loop=-1:size=1:start=0';

const made = new Map<string, Picture[]>();
const scenes = (filter: string, seconds = 2): Picture[] => {
  const pictures =
    made.get(filter) ?? makePictures({ source: scene, size: '320x180', seconds, filter: `${loop},${filter},${noise}` });
  made.set(filter, pictures);
  return pictures;
};

/** Looks once a second, at the pictures in turn; what was said at each second. */
class Watch {
  readonly health: PictureHealth;
  atMs = startMs;

  constructor(health = new PictureHealth({ learnMs: 5_000 })) {
    this.health = health;
  }

  look(pictures: readonly Picture[], seconds: number): (string | undefined)[] {
    return Array.from({ length: seconds }, (_, i) => {
      this.atMs += 1_000;
      return this.health.look({ ...(pictures[i % pictures.length] as Picture), atMs: this.atMs })?.kind;
    });
  }
}

t.test('each fault is seen for what it is, after its time, and is over when it is over', { skip }, async (t) => {
  const well = scenes('null');
  const cases: [string, string, number][] = [
    ['black', 'drawbox=color=black:t=fill', 3],
    ['covered', 'gblur=sigma=40,eq=contrast=0.4', 5],
    ['blurred', 'gblur=sigma=6', 10],
    ['moved', 'crop=iw*0.6:ih*0.6:iw*0.4:0,scale=320:180', 10],
  ];
  const watch = new Watch();
  t.same(watch.look(well, 10), new Array(10).fill(undefined));
  t.ok(watch.health.reference);
  for (const [kind, filter, afterS] of cases) {
    const seen = watch.look(scenes(filter), afterS + 8);
    const first = seen.indexOf(kind);
    t.ok(first >= afterS - 1 && first <= afterS + 6, `${kind} after ${first} s`);
    t.same([...new Set(seen)], [undefined, kind], 'and nothing else');
    const after = watch.look(well, 14);
    t.equal(after.at(-1), undefined, `${kind} is over`);
    t.equal(after[0], kind, 'not at once');
  }
});

/** Walls, a sign, a counter: few edges, far from one another, and people who come and go before them. */
const bare = (filter: string): Picture[] =>
  makePictures({
    ...{ source: 'color=c=0xc4c8c9', size: '640x360', seconds: 2 },
    filter: [
      'drawbox=x=0:y=190:w=640:h=170:color=0xa8a6a0:t=fill',
      'drawbox=x=170:y=130:w=470:h=75:color=0x7d5a3c:t=fill',
      'drawbox=x=80:y=60:w=90:h=55:color=0x35566b:t=fill',
      'drawbox=x=270:y=36:w=60:h=22:color=0x22303a:t=fill',
      'drawbox=x=440:y=36:w=60:h=22:color=0x22303a:t=fill',
      'drawbox=x=5:y=50:w=42:h=175:color=0x7b8a90:t=6',
      "drawbox=x=300:y=150:w=40:h=150:color=0x303848:t=fill:enable='lt(t,0.5)'",
      filter,
      noise,
    ].join(','),
  });

t.test('a bare hall with few edges is blurred, and is not when people come and go', { skip }, async (t) => {
  const watch = new Watch();
  t.same([...new Set(watch.look(bare('null'), 40))], [undefined]);
  t.ok(watch.health.reference?.sharpness.every((one) => one === -1 || (one > 0 && one <= 1)));
  t.equal(watch.look(bare('gblur=sigma=6'), 20).at(-1), 'blurred');
  t.equal(watch.look(bare('null'), 10).at(-1), undefined);
});

t.test('a picture that does not change at all is frozen; one with its noise is not', { skip }, async (t) => {
  const well = scenes('null');
  const watch = new Watch();
  t.same([...new Set(watch.look(well, 60))], [undefined]);
  const seen = watch.look(well.slice(0, 1), 40);
  t.same([...new Set(seen)], [undefined, 'frozen']);
  t.ok(seen.indexOf('frozen') >= 30);
  t.equal(watch.look(well, 5).at(-1), undefined);
});

t.test('light, noise, little contrast and people in front are no fault', { skip }, async (t) => {
  const watch = new Watch();
  watch.look(scenes('null'), 10);
  for (const filter of [
    'eq=brightness=-0.25',
    'eq=brightness=0.25',
    'eq=contrast=0.5',
    'eq=saturation=0:contrast=0.6:brightness=-0.2,noise=alls=16:allf=t',
    'drawbox=x=100:y=30:w=60:h=150:color=0x334455:t=fill',
    'crop=iw-6:ih-6:6:6,scale=320:180',
  ])
    t.same([...new Set(watch.look(scenes(filter), 20))], [undefined], filter);
});

t.test('a second of black is no fault, nor is one that comes and goes', { skip }, async (t) => {
  const well = scenes('null');
  const black = scenes('drawbox=color=black:t=fill');
  const watch = new Watch();
  watch.look(well, 10);
  for (let i = 0; i < 5; i++) t.same([...new Set([...watch.look(black, 2), ...watch.look(well, 1)])], [undefined]);
});

t.test('the view is kept over a restart: a camera turned meanwhile is moved', { skip }, async (t) => {
  const first = new Watch();
  first.look(scenes('null'), 10);
  const second = new PictureHealth();
  second.restore(JSON.parse(JSON.stringify(first.health.reference)));
  const turned = new Watch(second);
  t.equal(turned.look(scenes('hflip'), 20).at(-1), 'moved');
});

t.test('a camera that was left where it was turned to has its view there in the end', { skip }, async (t) => {
  const watch = new Watch(new PictureHealth({ learnMs: 5_000, relearnMs: 60_000 }));
  watch.look(scenes('null'), 10);
  const turned = scenes('hflip');
  t.equal(watch.look(turned, 30).at(-1), 'moved');
  t.same([...new Set(watch.look(turned, 120).slice(-60))], [undefined]);
});

t.test('the clock put back, another size, a minute away: nothing is concluded', { skip }, async (t) => {
  const well = scenes('null');
  const watch = new Watch();
  watch.look(well, 10);
  const black = scenes('drawbox=color=black:t=fill');
  watch.look(black, 2);
  watch.atMs += 60_000;
  t.same(watch.look(black, 2), [undefined, undefined]);
  watch.atMs -= 3_600_000;
  t.same(watch.look(black, 2), [undefined, undefined]);
  const other = makePictures({ source: scene, size: '160x120', seconds: 2, filter: `${loop},${noise}` });
  t.same([...new Set(watch.look(other, 20))], [undefined]);
});
