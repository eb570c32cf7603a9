import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@hallhub/shared';
import type { VisionRule } from '@hallhub/shared/vision';
import { TestHall } from '../e2e/test-hall.js';
import { waitUntil } from '../e2e/wait-until.js';
import { openClipStore } from '../peers/camera/footage/clip-store.js';
import { loopMs } from '../peers/camera/footage/scene-truth.js';
import { openStreamServer } from '../peers/camera/rtsp-stream.js';
import { type BenchContext, digits, type Figure, runBench } from './bench-run.js';
import { cpuSecondsBelow, cpuSecondsOf } from './process-figures.js';
import { quantile } from './statistics.js';
import { fetchBenchModels, modelsFolder } from './vision/bench-models.js';
import { type Delay, delaysOf, readFindings, type ToldRow } from './vision/event-delays.js';
import { delayRules } from './vision/scene-rules.js';

const folder = fileURLToPath(new URL('../../../node_modules/.cache/hallhub-footage', import.meta.url));
const fps = 5;
const slackMs = 3_000;
/** What the last moments show has to have come by then. */
const afterMs = 10_000;

interface Standing {
  readonly inference: { readonly p50Ms: number; readonly p95Ms: number; readonly skipped: number } | null;
  readonly cameras: readonly { readonly state: string; readonly fps: number }[];
}

const run = async ({ progress, quick }: BenchContext): Promise<Figure[]> => {
  const store = openClipStore(folder);
  progress('footage: counter');
  const clip = await store.clip('counter');
  if ('missing' in clip) throw new Error(`${clip.missing}: ${clip.why}; ${clip.install}`);
  const truth = await store.truth(clip);
  if (!truth) throw new Error('the scene has no truth');
  await fetchBenchModels(progress, ['detector', 'face']);

  const server = await openStreamServer();
  if ('missing' in server) throw new Error(`${server.missing}: ${server.why} ${server.install}`);
  await using stream = server;
  const startedAtMs = Date.now();
  const url = await stream.mount({ path: 'counter', clip: { file: clip.main.file, fps: clip.fps, startedAtMs } });
  // What is measured is what ships, where it is compiled.
  const built = import.meta.url.endsWith('.js');
  await using hall = await TestHall.open({ built, edge: { vision: { cameras: [{ id: 'counter', url }] } } });
  const models = join(hall.dir, 'edge', 'models');
  mkdirSync(models, { recursive: true });
  cpSync(modelsFolder, models, { recursive: true });

  const { api } = hall;
  const deviceId = await waitUntil(
    'the camera in the cloud',
    async () => (await api.all<{ deviceId: string }>('/vision/cameras'))[0]?.deviceId,
    { withinMs: 60_000 },
  );
  const views = [{ id: uuidv7(), name: 'hall', rules: delayRules }];
  const put = await api.request(
    'PUT',
    `/api/v1/vision/cameras/${deviceId}`,
    { purpose: 'bench', analysisFps: fps, views },
    { 'if-match': '"0"' },
  );
  if (put.status !== 200) throw new Error(`the camera could not be set up: ${JSON.stringify(put.body)}`);
  const standing = async () => JSON.parse((await hall.hub('vision', 'status', '--json')).out) as Standing;
  await waitUntil('the unit to watch', async () => (await standing()).cameras[0]?.state === 'watching', {
    withinMs: 120_000,
    everyMs: 1_000,
    seen: () => hall.logs().slice(-2_000),
  });
  progress('the unit watches');

  const rows: ToldRow[] = [];
  const leave = new AbortController();
  const { ended } = await readFindings(api, (row) => rows.push(row), leave.signal);
  let broken: string | undefined;
  void ended.then((reason) => {
    if (!leave.signal.aborted) broken = reason;
  });
  // Rules that hold already begin in the first seconds.
  const fromMs = Date.now() + 5_000;
  const toMs = fromMs + loopMs(truth) * (quick ? 0.5 : 2);
  const spent = () => cpuSecondsOf(hall.edge.pid) + cpuSecondsBelow(hall.edge.pid);
  const [spentBefore, measuredMs] = [spent(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, toMs + afterMs - Date.now()));
  const edgeShare = (spent() - spentBefore) / ((performance.now() - measuredMs) / 1_000);
  const { inference, cameras } = await standing();
  leave.abort();
  if (broken !== undefined) throw new Error(`the live stream ended: ${broken}`);

  const { delays, missed, strange } = delaysOf(rows, { truth, rules: delayRules, startedAtMs, fromMs, toMs, slackMs });
  progress(`${delays.length} told, ${missed} missed, ${strange} without a truth`);
  const looks = `the detector took p50 / p95 ${digits(inference?.p50Ms ?? Number.NaN)} / ${digits(inference?.p95Ms ?? Number.NaN)} ms and skipped ${inference?.skipped} pictures`;
  return [
    {
      what: 'event: from what really happens to the row in the cloud, beyond the rule’s own time, p95',
      value:
        delays.length === 0
          ? null
          : Number(
              (
                quantile(
                  delays.map(({ allMs }) => allMs),
                  0.95,
                ) / 1_000
              ).toFixed(2),
            ),
      unit: 's',
      aim: { atMost: 2 },
      detail: `p50 ${seconds(
        delays.map(({ allMs }) => allMs),
        0.5,
      )} s, ${delays.length} events of ${algorithmsOf(delayRules)}, ${missed} not told and ${strange} told without a truth within 3 s; ${segmentsOf(delays)}; ${delays.filter((one) => one.isBeforeClip).length} of ${delays.length} rows came before their clip`,
    },
    {
      what: 'event: the unit’s share of a core meanwhile, one camera',
      value: Number((edgeShare * 100).toFixed(1)),
      unit: '%',
      detail: `${digits(cameras[0]?.fps ?? Number.NaN)} pictures/s were looked at; ${looks}; agent, child, ffmpeg, pictures and clips of evidence in it`,
    },
  ];
};

const seconds = (values: readonly number[], q: number) => (quantile(values, q) / 1_000).toFixed(2);

const algorithmsOf = (rules: readonly VisionRule[]) => [...new Set(rules.map(({ algorithm }) => algorithm))].join(', ');

const segmentsOf = (delays: readonly Delay[]): string => {
  const of = (pick: (one: Delay) => number | undefined) => {
    const values = delays.flatMap((one) => pick(one) ?? []);
    return `${seconds(values, 0.5)} / ${seconds(values, 0.95)}`;
  };
  const segments = [
    `to the picture that proves it (camera, network, the rule’s own certainty) ${of((one) => one.seenMs)}`,
    `decoder, detector and rule ${of((one) => one.lookMs)}`,
    `pictures of evidence ${of((one) => one.picturesMs)}`,
    `hand-over, seal and row ${of((one) => one.rowMs)}`,
    `upload and commit ${of((one) => one.uploadMs)}`,
  ];
  return `by segment, p50 / p95 in seconds: ${segments.join(', ')}`;
};

await runBench(run);
