import type { LocalResult } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { ago, bytes, count, duration } from '../output/format.js';
import { renderFacts, renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';

type Status = LocalResult<'vision'>;
type Style = CliContext['terminal']['style'];

const states: Readonly<Record<Status['cameras'][number]['state'], string>> = {
  ...{
    starting: 'starting',
    watching: 'watching',
    no_pictures: 'no pictures',
    no_model: 'no model',
    stopped: 'stopped',
  },
  ...{ unknown_device: 'no such device', no_address: 'no address', disabled: 'off' },
};

/** As the process says them, in words. */
const reasons: Readonly<Record<string, string>> = {
  no_ffmpeg: 'ffmpeg is missing',
  vision_crashed: 'the process ended by itself and is started again',
};

const processText = (
  { process: { state, reason, restarts, memoryBytes, pid }, cameras }: Status,
  style: Style,
): string => {
  if (state === 'off') return cameras.length === 0 ? 'off: nothing is set up' : 'off: no camera can be watched now';
  const why = reason === null ? '' : `: ${reasons[reason] ?? reason}`;
  const size = memoryBytes === null ? '' : `, ${bytes(memoryBytes)}`;
  const again = restarts > 0 ? style.warn(`, started anew ${count(restarts, 'time')}`) : '';
  return `${state === 'waiting' ? style.bad('waiting') : state}${why}${size}${pid === null ? '' : `, pid ${pid}`}${again}`;
};

const configText = ({ config }: Status, now: number, style: Style): string => {
  const { source, version, at, askedAt, problem } = config;
  if (source === null) return `none${problem ? style.warn(`: ${problem}`) : ''}`;
  const from =
    source === 'cloud'
      ? `from the cloud, version ${version?.slice(0, 8)}, since ${ago(at, now)}`
      : `from a file, since ${ago(at, now)}; the cloud’s word takes its place`;
  const asked = askedAt === null ? '' : `; asked ${ago(askedAt, now)}`;
  return `${from}${asked}${problem ? style.warn(`\n${problem}`) : ''}`;
};

const stateText = ({ state, health }: Status['cameras'][number], style: Style): string => {
  const text = states[state];
  if (state === 'watching') return health === null ? text : style.warn(`${text}, ${health}`);
  return state === 'starting' || state === 'disabled' ? style.dim(text) : style.bad(text);
};

export const statusText = (status: Status, context: CliContext): string => {
  const { style, width, now: clock } = context.terminal;
  const now = clock();
  const { inference, cameras } = status;
  const facts = renderFacts([
    ['Set up', configText(status, now, style)],
    ['Process', processText(status, style)],
    [
      'Detector',
      noDetector(status)
        ? style.bad('none: nobody is told from a picture until hub models pull')
        : inference
          ? `${inference.model}, ${Math.round(inference.p50Ms)} ms (95 %: ${Math.round(inference.p95Ms)} ms), ${inference.waiting} waiting, ${inference.skipped} skipped`
          : undefined,
    ],
    [
      'Clips',
      {
        reduced: 'without a reason to show faces: so small that nobody can be told',
        none: 'only where a rule says why faces may be seen',
        clear: 'as recorded',
      }[status.clips],
    ],
    [
      'Findings',
      status.waiting === 0 ? undefined : `${count(status.waiting, 'row')} wait for pictures, a clip or their end`,
    ],
    [
      'Text',
      status.hasChineseFont === false
        ? style.warn('no font for Chinese on this machine: apt-get install fonts-noto-cjk')
        : undefined,
    ],
  ]);
  if (cameras.length === 0) return facts;
  const turns = cameras.some(({ sight }) => sight !== null);
  const table = renderTable(
    [
      { title: 'CAMERA', shrink: true },
      { title: 'STATE' },
      ...(turns ? [{ title: 'LOOKS' }] : []),
      { title: 'PICTURES/S', align: 'right' },
      { title: 'PEOPLE', align: 'right' },
      { title: 'RULES', align: 'right' },
      { title: 'RECORDED', align: 'right' },
      { title: 'WHY', shrink: true },
    ],
    cameras.map((camera) => [
      printable(camera.name),
      stateText(camera, style),
      ...(turns ? [sightText(camera.sight)] : []),
      camera.state === 'watching' ? camera.fps.toFixed(1) : '-',
      camera.state === 'watching' ? String(camera.people) : '-',
      String(camera.rules),
      recordedText(camera.recording, now),
      printable(camera.reason ?? camera.sight?.problem ?? camera.recording?.problem ?? '-'),
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
  return `${facts}\n\n${table}`;
};

/** Off every preset no rule of a view with a preset concludes anything. */
const sightText = (sight: Status['cameras'][number]['sight']): string => {
  if (!sight) return '-';
  const { state, preset, patrol, by } = sight;
  const where = { at: `at preset ${preset}`, moving: 'turning', elsewhere: 'at no preset', unknown: 'not told' }[state];
  const tour = patrol === 'paused' ? ', tour rests' : patrol ? ', on tour' : '';
  return printable(`${where}${by ? `, in the hand of ${by}` : tour}`);
};

const noDetector = ({ inference, cameras }: Status): boolean =>
  inference === null && cameras.some(({ state }) => state === 'no_model');

const recordedText = (recording: Status['cameras'][number]['recording'], now: number): string => {
  if (!recording || recording.oldestAt === null) return '-';
  const { oldestAt, newestAt } = recording;
  // Where nothing is written any more, that is what matters.
  const stopped = newestAt !== null && now - newestAt > 60_000 ? `, newest ${ago(newestAt, now)}` : '';
  return `${duration(Math.max(0, now - oldestAt))}${stopped}, ${bytes(recording.bytes)}`;
};

/** The one thing to do next. */
export const nextStep = ({ config, process: { hint }, cameras }: Status): string => {
  if (hint) return `Next: ${hint}`;
  if (cameras.length === 0) {
    return config.source === 'cloud'
      ? 'Set a camera up in the console: 视频 → 摄像机 (Video → Cameras); this unit takes it over at once'
      : 'Set a camera up in the console: 视频 → 摄像机 (Video → Cameras), or without a line: hub vision import FILE';
  }
  const ill = cameras.find((camera) => camera.hint);
  if (ill?.hint) return `${ill.name}: ${ill.hint}`;
  if (cameras.every(({ state }) => state === 'disabled'))
    return 'Turn cameras on in the console: 视频 → 摄像机 (Video → Cameras)';
  return cameras.some(({ state }) => state === 'watching')
    ? 'What they saw: hub vision findings'
    : 'What the unit says: hub logs --level debug';
};
