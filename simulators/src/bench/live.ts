import { CountingDevice } from '../e2e/counting-device.js';
import { waitUntil } from '../e2e/wait-until.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { type LiveHall, openLiveHall } from './live/live-hall.js';
import { LiveViewer } from './live/live-viewer.js';
import { measureReadings } from './live/reading-delay.js';
import { cpuSecondsOf, residentMemoryOf } from './process-figures.js';
import { quantile } from './statistics.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Spent = Record<'child' | 'agent' | 'cloud', number>;

const shareOver = async (rig: LiveHall, forMs: number): Promise<Spent> => {
  const pids = { child: await rig.childPid(), agent: rig.hall.edge.pid, cloud: rig.hall.cloud.pid };
  const read = (): Spent => ({
    ...{ child: cpuSecondsOf(pids.child), agent: cpuSecondsOf(pids.agent), cloud: cpuSecondsOf(pids.cloud) },
  });
  const [before, startMs] = [read(), performance.now()];
  await pause(forMs);
  const after = read();
  const seconds = (performance.now() - startMs) / 1_000;
  const share = (of: keyof Spent) => (after[of] - before[of]) / seconds;
  return { child: share('child'), agent: share('agent'), cloud: share('cloud') };
};

const playing = (viewer: LiveViewer, more: number) => {
  const from = viewer.pictures;
  return waitUntil('pictures', () => viewer.pictures >= from + more, { withinMs: 60_000, everyMs: 2 });
};

await runBench(async ({ progress, quick }) => {
  await using rig = await openLiveHall(progress);
  const { hall, deviceId, line } = rig;
  const { api } = hall;
  const forMs = quick ? 5_000 : 15_000;
  const figures: Figure[] = [];
  const tell = (figure: Figure) => {
    figures.push(figure);
    progress(`${figure.what}: ${figure.value} ${figure.unit}; ${figure.detail}`);
  };

  progress('the first picture, 20 opens');
  const firsts: number[] = [];
  const nexts: number[] = [];
  const whileOther: number[] = [];
  for (let n = 0; n < (quick ? 4 : 20); n++) {
    using viewer = await LiveViewer.open(api, deviceId);
    await waitUntil('the first picture', () => viewer.firstPictureMs !== undefined, { withinMs: 30_000, everyMs: 2 });
    firsts.push(viewer.firstPictureMs as number);
    if (nexts.length < 10) {
      await waitUntil('the next key picture', () => viewer.nextKeyMs !== undefined, { withinMs: 30_000, everyMs: 2 });
      nexts.push(viewer.nextKeyMs as number);
    }
    using second = await LiveViewer.open(api, deviceId);
    await waitUntil('a picture', () => second.firstPictureMs !== undefined, { withinMs: 30_000, everyMs: 2 });
    whileOther.push(second.firstPictureMs as number);
    viewer[Symbol.dispose]();
    second[Symbol.dispose]();
    // Nobody looks: the unit stops, and the next one begins from nothing.
    await pause(1_500);
  }
  const spread = (values: readonly number[]) => `${digits(quantile(values, 0.5))} / ${digits(quantile(values, 0.95))}`;
  tell({
    what: 'first picture on a LAN, nobody looked before: p95',
    value: Math.round(quantile(firsts, 0.95)),
    unit: 'ms',
    aim: { atMost: 1_000 },
    detail: `p50 / p95 ${spread(firsts)} ms over ${firsts.length} opens, from asking for the ticket; while somebody looks already ${spread(whileOther)} ms; without the group of pictures that unit and cloud keep it would be ${spread(nexts)} ms (a key picture every 2 s)`,
  });

  progress('CPU of one stream');
  const idle = await shareOver(rig, forMs);
  const viewers: LiveViewer[] = [await LiveViewer.open(api, deviceId)];
  const [first] = viewers as [LiveViewer];
  await playing(first, 50);
  const one = await shareOver(rig, forMs);
  const cost = (of: keyof Spent, from: Spent, to: Spent) => Number(((to[of] - from[of]) * 100).toFixed(2));
  const mbps = (bytes: number) => digits((bytes * 8) / 1_000_000 / (forMs / 1_000));
  const names = { child: "the unit's child process", agent: 'the agent', cloud: 'the cloud' } as const;
  for (const of of ['child', 'agent', 'cloud'] as const) {
    tell({
      what: `live 1080p25, H.264 as the camera sends it, one viewer: ${names[of]}`,
      value: cost(of, idle, one),
      unit: '% of a core',
      aim: { atMost: 2 },
      detail: `more than while nobody looks (${digits(idle[of] * 100)} %); 4 Mbit/s`,
    });
  }

  progress('50 viewers of one camera');
  const memoryBefore = residentMemoryOf(hall.cloud.pid).nowBytes;
  while (viewers.length < (quick ? 10 : 50)) viewers.push(await LiveViewer.open(api, deviceId));
  await waitUntil('all to see', () => viewers.every(({ pictures }) => pictures > 50), { withinMs: 60_000 });
  const upBefore = line.sentBytes;
  const many = await shareOver(rig, forMs);
  const upBytes = line.sentBytes - upBefore;
  tell({
    what: `live: CPU of the cloud for each further viewer of a camera (${viewers.length} at 4 Mbit/s)`,
    value: Number((cost('cloud', one, many) / (viewers.length - 1)).toFixed(2)),
    unit: '% of a core',
    detail: `one stream from the unit however many look: ${mbps(upBytes)} Mbit/s went up; the unit's child and agent took ${digits(many.child * 100)} and ${digits(many.agent * 100)} % against ${digits(one.child * 100)} and ${digits(one.agent * 100)} % with one viewer`,
  });

  progress('one of them frozen');
  for (const viewer of viewers) viewer.takeLongestGapMs();
  await pause(forMs / 3);
  const gapsBefore = viewers.map((viewer) => viewer.takeLongestGapMs());
  const frozen = viewers.at(-1) as LiveViewer;
  frozen.freeze();
  await pause(forMs);
  const others = viewers.filter((viewer) => viewer !== frozen);
  const gaps = others.map((viewer) => viewer.takeLongestGapMs());
  const grown = residentMemoryOf(hall.cloud.pid).nowBytes - memoryBefore;
  tell({
    what: 'live: longest gap between two pictures of the other viewers while one is frozen',
    value: Math.round(Math.max(...gaps)),
    unit: 'ms',
    detail: `over ${forMs / 1_000} s; before it froze ${Math.round(Math.max(...gapsBefore))} ms; the cloud's resident memory with ${viewers.length} viewers and a frozen one: ${digits(grown / 1_000_000)} MB more than with one viewer`,
  });
  for (const viewer of viewers.splice(0)) viewer[Symbol.dispose]();

  for (const [name, link] of [
    ['a line of 2 Mbit/s that the unit knows nothing of', {}],
    ['a line of 2 Mbit/s, told to the unit (link.maxBytesPerSecond)', { maxBytesPerSecond: 225_000 }],
  ] as const) {
    progress(name);
    line.setRate(undefined);
    await rig.restart(link);
    const counting = new CountingDevice(`LIVE-${Math.random()}`, 250);
    const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 200 });
    device.start();
    try {
      line.setRate(250_000);
      const alone = await measureReadings(api, counting, quick ? 6_000 : 10_000);
      using viewer = await LiveViewer.open(api, deviceId);
      await playing(viewer, 10);
      const whole = await measureReadings(api, counting, quick ? 15_000 : 24_000);
      const settled = whole.latest(0.5);
      tell({
        what: `live: readings beside live pictures on ${name}, p95`,
        value: Math.round(settled.p95Ms),
        unit: 'ms',
        detail: `reading to browser p50 / p95 / most ${digits(settled.p50Ms)} / ${digits(settled.p95Ms)} / ${digits(settled.maxMs)} ms in the second half, ${digits(whole.p50Ms)} / ${digits(whole.p95Ms)} / ${digits(whole.maxMs)} ms in all; with no viewer ${digits(alone.p50Ms)} / ${digits(alone.p95Ms)} / ${digits(alone.maxMs)} ms; the viewer ends with ${viewer.width} pixels wide pictures, ${viewer.state}, ${viewer.pictures} pictures`,
      });
    } finally {
      await device[Symbol.asyncDispose]();
    }
  }
  return figures;
});
