import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HubError, isHubError, uuidPattern } from '@hallhub/shared';
import type { Command } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { count, duration, bytes as sizeText } from '../output/format.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import { hallTimeText, parseHallTime } from '../parse-hall-time.js';
import type { Runner } from '../runner.js';

type Recordings = LocalResult<'vision.recordings'>;

const dayMs = 86_400_000;
const stepBytes = 1_048_576;
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What is recorded, and a stretch of it as a file: at the unit, without a line to the cloud. */
export const addRecordings = (group: Command, run: Runner) => {
  group
    .command('recordings [camera]')
    .description('what is recorded of each camera, or when of one')
    .option('--days <n>', 'how far back', '7')
    .action(
      run(async (context, camera: string | undefined, { days }: { days: string }) => {
        const from = Date.now() - Math.min(90, Math.max(1, Number(days) || 7)) * dayMs;
        const asked = camera === undefined ? { from } : { camera, from };
        const recorded = await context.withAgent((c) => c.call('vision.recordings', asked));
        context.show(recorded, () =>
          camera === undefined ? camerasText(recorded, context) : spansText(recorded, context),
        );
        const [first] = recorded.cameras.filter(({ spans }) => spans.length > 0);
        if (first) context.next(`As a file: hub vision save "${first.name}" --from 08:15 --to 08:20 out.mp4`);
      }),
    );
  group
    .command('save <camera> <file>')
    .description('a stretch of a recording as one MP4, nothing encoded anew')
    .requiredOption('--from <time>', 'by the hall’s clock: 08:15, "2026-11-22 08:15:30"')
    .requiredOption('--to <time>', 'as --from; half an hour at most')
    .action(
      run(async (context, camera: string, file: string, span: { from: string; to: string }) => {
        const target = resolve(file);
        if (existsSync(target)) throw new HubError('conflict', `${target} is there already`, { hint: 'another name' });
        const { cameraId, folder, zone } = await placeOf(context, camera);
        const times = { zone, nowMs: Date.now() };
        const [from, to] = [parseHallTime(span.from, times), parseHallTime(span.to, times)];
        if (to <= from) throw new HubError('invalid_input', 'it has to end after it begins');
        if (to - from > 30 * 60_000) throw new HubError('invalid_input', 'half an hour at most in one file');
        const saved = await save(context, { folder, from, to, target });
        const { bytes, sha256 } = saved;
        const said = { cameraId, from: saved.from, to: saved.to, bytes, sha256 };
        // Without an agent there is no log to write it to.
        await context.withAgent((c) => c.call('vision.saved', said)).catch(() => undefined);
        context.show({ cameraId, ...saved, file: target }, () => savedText(saved, { target, zone }));
      }),
    );
};

interface Place {
  readonly cameraId: string;
  readonly folder: string;
  readonly zone: string;
}

/** Asked of the agent; without one a camera's id still says where its recordings lie. */
const placeOf = async (context: CliContext, camera: string): Promise<Place> => {
  try {
    const { cameras, zone } = await context.withAgent((c) => c.call('vision.recordings', { camera, from: Date.now() }));
    const [found] = cameras;
    if (found) return { cameraId: found.cameraId, folder: found.folder, zone: zone ?? ownZone() };
  } catch (error) {
    const folder = join(context.dataDir, 'vision', 'recordings', camera);
    const isAway = isHubError(error, 'link_refused') || isHubError(error, 'link_lost');
    if (isAway && uuidPattern.test(camera) && existsSync(folder)) return { cameraId: camera, folder, zone: ownZone() };
    throw error;
  }
  throw new HubError('not_found', `there is no camera ${camera}`, { hint: 'hub vision recordings' });
};

interface Saved {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly pictures: number;
  readonly holes: number;
  readonly sha256: string;
  readonly changesAt?: number | undefined;
}

const save = async (
  context: CliContext,
  { folder, from, to, target }: { folder: string; from: number; to: number; target: string },
): Promise<Saved> => {
  const { DownloadPlan } = await import('../../vision/recording/index.js');
  await using plan = await DownloadPlan.make({ folder, from, to, signal: context.signal });
  if (!plan)
    throw new HubError('not_found', 'nothing of that time is recorded', { hint: 'hub vision recordings CAMERA' });
  const hash = createHash('sha256');
  const handle = await open(target, 'wx', 0o600);
  let isWhole = false;
  try {
    for (let at = 0; at < plan.answer.bytes; ) {
      context.signal.throwIfAborted();
      const piece = await plan.read(at, stepBytes);
      if (piece.length === 0) throw new HubError('unavailable', 'the recording cannot be read any more');
      hash.update(piece);
      // All of it: a disk that is nearly full takes a part and says so only when it is asked again.
      await handle.appendFile(piece);
      at += piece.length;
    }
    isWhole = true;
  } finally {
    await handle.close();
    if (!isWhole) await rm(target, { force: true });
  }
  const { bytes, pictures, holes, changesAt, ...span } = plan.answer;
  return { from: span.from, to: span.to, bytes, pictures, holes, sha256: hash.digest('hex'), changesAt };
};

const savedText = (saved: Saved, { target, zone }: { target: string; zone: string }): string => {
  const { from, to, bytes, pictures, holes, sha256, changesAt } = saved;
  return [
    `${target}: ${hallTimeText(from, zone)} to ${hallTimeText(to, zone).slice(11)}, ${count(pictures, 'picture')}, ${sizeText(bytes)}`,
    `SHA-256 ${sha256}`,
    ...(holes > 0 ? [`${count(holes, 'gap')} in it, where the picture stands still`] : []),
    ...(changesAt === undefined
      ? []
      : [
          `From ${hallTimeText(changesAt, zone).slice(11)} on the camera’s picture is another: save the rest by itself`,
        ]),
  ].join('\n');
};

const camerasText = ({ cameras, zone }: Recordings, { terminal: { style, width } }: CliContext): string => {
  if (cameras.length === 0) return 'Nothing is recorded.';
  const time = (ms: number | null) => (ms === null ? '-' : hallTimeText(ms, zone ?? ownZone()));
  return renderTable(
    [
      { title: 'CAMERA', shrink: true },
      { title: 'OLDEST' },
      { title: 'NEWEST' },
      { title: 'STRETCHES', align: 'right' },
      { title: 'IN ALL', align: 'right' },
    ],
    cameras.map((one) => [
      printable(one.name),
      time(one.oldestAt),
      time(one.newestAt),
      String(one.spans.length),
      duration(one.spans.reduce((sum, { from, to }) => sum + to - from, 0)),
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
};

const spansText = ({ cameras, zone }: Recordings, { terminal: { style, width } }: CliContext): string => {
  const [camera] = cameras;
  if (!camera || camera.spans.length === 0) return 'Nothing is recorded.';
  const time = (ms: number) => hallTimeText(ms, zone ?? ownZone());
  return renderTable(
    [{ title: 'FROM' }, { title: 'TO' }, { title: 'LASTS', align: 'right' }],
    camera.spans.map(({ from, to }) => [time(from), time(to), duration(to - from)]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
};
