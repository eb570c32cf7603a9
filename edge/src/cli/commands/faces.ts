import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HubError } from '@hallhub/shared';
import type { Command } from 'commander';
import type { LocalParams, LocalResult } from '../../local-api/contract.js';
import { base64AtMost } from '../../vision/faces/face-methods.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { clockTime } from '../output/format.js';
import { renderFacts, renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';

type Status = LocalResult<'faces'>;
type Comparison = LocalResult<'faces.compare'>;
type Report = Comparison['pictures']['person'];

const handedOverBytes = (base64AtMost / 4) * 3;
const noLiveness = 'Not checked: a photograph held to the camera passes as its person. Somebody has to look on.';

export const addFaces = (program: Command, run: Runner) => {
  const group = program.command('faces').description('whether two pictures show one person; off unless set up');
  group
    .command('status', { isDefault: true })
    .description('whether it is set up, what for, and how often it was done')
    .action(
      run(async (context) => {
        const status = await context.withAgent((c) => c.call('faces', {}));
        context.show(status, () => statusText(status, context));
        context.next(status.hint ?? 'Compare: hub faces compare PERSON.jpg DOCUMENT.jpg');
      }),
    );
  group
    .command('compare <person> [document]')
    .description('somebody against the picture on a document; with --camera the one file is the document')
    .option('--camera <device>', 'the person is whoever stands in front of this camera now')
    .option('--device <device>', 'the kiosk it is done for: an event of it in the cloud')
    .action(
      run(async (context, first: string, second: string | undefined, options: { camera?: string; device?: string }) => {
        const { device } = options;
        const asked = { ...picturesOf(first, second, options.camera), ...(device === undefined ? {} : { device }) };
        const comparison = await context.withAgent((c) => c.call('faces.compare', asked));
        context.show(comparison, () => comparisonText(comparison, context));
        if (comparison.verdict !== 'same') context.setExitCode(exitCodes.failed);
      }),
    );
};

const picturesOf = (
  first: string,
  second: string | undefined,
  camera: string | undefined,
): Pick<LocalParams<'faces.compare'>, 'person' | 'document'> => {
  if (camera !== undefined) {
    if (second !== undefined) throw new HubError('invalid_input', 'with --camera only the document is a file');
    return { person: { camera }, document: pictureIn(first) };
  }
  if (second === undefined) throw new HubError('invalid_input', 'two pictures are compared, or --camera and one');
  return { person: pictureIn(first), document: pictureIn(second) };
};

/** Read here where it is small: as a service the agent sees neither /home nor /tmp. Else by its name, and the agent says what is wrong. */
const pictureIn = (named: string): { base64: string } | { file: string } => {
  const file = resolve(named);
  try {
    const found = statSync(file);
    const size = found.isFile() ? found.size : 0;
    if (size > 0 && size <= handedOverBytes) return { base64: readFileSync(file).toString('base64') };
  } catch {
    // Not there, or not for this user: perhaps for the agent's.
  }
  return { file };
};

const verdictWords = {
  same: 'one person',
  unsure: 'not sure: somebody has to look',
  different: 'two persons',
  not_compared: 'not compared',
} as const satisfies Record<Comparison['verdict'], string>;

const reasonWords = {
  no_face: 'no face',
  several_faces: 'more than one face in front',
  too_small: 'too small: pixels between the eyes',
  cut_off: 'the face is cut off',
  tilted: 'tilted: degrees',
  not_frontal: 'turned aside: nose beside the middle of the eyes',
  too_dark: 'too dark',
  too_bright: 'too bright',
  too_flat: 'hardly any contrast',
  not_sharp: 'not sharp',
} as const satisfies Record<Report['problems'][number]['reason'], string>;

const shown = (value: number): string => (Math.abs(value) >= 10 ? value.toFixed(0) : value.toPrecision(2));

const problemText = ({ reason, measured, limit }: Report['problems'][number]): string =>
  measured === undefined || limit === undefined
    ? reasonWords[reason]
    : `${reasonWords[reason]} (${shown(measured)}, limit ${shown(limit)})`;

const severalCount = (faces: number, problems: Report['problems']): string =>
  problems.some(({ reason }) => reason === 'several_faces') ? `${faces} faces` : `${faces} faces, the largest counts`;

const reportText = ({ width, height, faces, problems, quality }: Report): string =>
  [
    `${width} x ${height}`,
    ...(faces > 1 ? [severalCount(faces, problems)] : []),
    ...(quality ? [`${shown(quality.eyesPx)} px between the eyes`] : []),
    problems.length === 0 ? 'good enough' : problems.map(problemText).join('; '),
  ].join(', ');

const comparisonText = (comparison: Comparison, { terminal: { style } }: CliContext): string => {
  const { verdict, likeness, thresholds, pictures, notes, models, purpose, tookMs } = comparison;
  const colour = verdict === 'same' ? style.good : verdict === 'different' ? style.bad : style.warn;
  const limits = `one person from ${thresholds.same.toFixed(2)}, two below ${thresholds.different.toFixed(2)}`;
  return renderFacts([
    ['Result', colour(verdictWords[verdict])],
    ...(likeness === null ? [] : ([['Likeness', `${likeness.toFixed(2)} (${limits})`]] as const)),
    ...(notes.includes('same_photograph')
      ? ([['Note', style.warn('both are one and the same photograph')]] as const)
      : []),
    ['Person', reportText(pictures.person)],
    ['Document', reportText(pictures.document)],
    ['Alive', noLiveness],
    ['Purpose', printable(purpose.zh)],
    ['Models', models.map(({ id }) => id).join(', ')],
    ['Kept', `nothing: no picture, no numbers of a face; took ${tookMs} ms`],
  ]);
};

const statusText = (status: Status, { terminal: { style, width } }: CliContext): string => {
  const { state, reason, purpose, days, records } = status;
  const facts = renderFacts([
    ['State', state === 'ready' ? style.good('ready') : `${state.replace('_', ' ')}: ${reason}`],
    ['Purpose', purpose ? printable(purpose.zh) : '-'],
    ['Alive', noLiveness],
    ['Kept', `${status.kept.pictures} pictures, ${status.kept.embeddings} embeddings`],
  ]);
  const options = { ...(width === undefined ? {} : { width }), head: style.dim };
  const right = (title: string) => ({ title, align: 'right' as const });
  const dayTable = renderTable(
    [{ title: 'DAY' }, ...['SAME', 'UNSURE', 'DIFFERENT', 'NOT COMPARED', 'FAILED'].map(right)],
    days.map((one) => [
      one.day,
      ...[one.same, one.unsure, one.different, one.not_compared, one.failed].map((count) => String(count)),
    ]),
    options,
  );
  const recordTable = renderTable(
    [
      { title: 'WHEN' },
      { title: 'RESULT' },
      { title: 'PERSON' },
      { title: 'DOCUMENT' },
      { title: 'WHY', shrink: true },
    ],
    records.map(({ at, outcome, person, document, reasons }) => [
      ...[clockTime(at), outcome.replace('_', ' '), person, document, printable(reasons.join(', ') || '-')],
    ]),
    options,
  );
  return [facts, ...(days.length > 0 ? [dayTable] : []), ...(records.length > 0 ? [recordTable] : [])].join('\n\n');
};
