import { join, resolve } from 'node:path';
import { systemClock, toHubError } from '@hallhub/shared';
import { type Command, Option } from 'commander';
import { addModel, tryOut } from '../../vision/models/add-model.js';
import { type ModelCard, type ModelRole, modelRoles } from '../../vision/models/model-card.js';
import { ModelShelf } from '../../vision/models/model-shelf.js';
import { checkParity, readParityVectors } from '../../vision/models/parity/parity.js';
import { pullModels } from '../../vision/models/pull/pull-model.js';
import { type ModelTime, timeModel } from '../../vision/models/time-model.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { bytes, count } from '../output/format.js';
import { renderTable } from '../output/table.js';
import type { Runner } from '../runner.js';
import { wholeNumber } from '../whole-number.js';

const openShelf = ({ dataDir }: CliContext): ModelShelf => new ModelShelf(join(dataDir, 'models'));

const tableOptions = ({ terminal: { width, style } }: CliContext) => ({
  ...(width === undefined ? {} : { width }),
  head: style.dim,
});

export const addModels = (program: Command, run: Runner) => {
  const models = program
    .command('models')
    .description('the models that look at pictures: which there are, and how they do');
  models
    .command('list', { isDefault: true })
    .description('every model this unit knows, and which one serves')
    .action(run((context) => list(context)));
  models
    .command('pull [models...]')
    .description(
      'fetch models of the catalogue, check and convert them; default: all that are not here, but for optional ones',
    )
    .option('--from <file>', 'a packed package (.tgz) instead of the network')
    .action(run((context, ids: string[], { from }: { from?: string }) => pull(context, ids, from)));
  models
    .command('test [models...]')
    .description('compare with what the original models give, number by number')
    .action(run((context, ids: string[]) => test(context, ids)));
  models
    .command('bench [models...]')
    .description('time a picture on this machine')
    .addOption(new Option('-n, --pictures <count>', 'pictures each').default(40).argParser(wholeNumber))
    .action(run((context, ids: string[], { pictures }: { pictures: number }) => bench(context, ids, pictures)));
  models
    .command('use <model>')
    .description('let this model serve its role')
    .action(
      run((context, id: string) => {
        const shelf = openShelf(context);
        const { role } = shelf.card(id);
        shelf.choose(role, id);
        context.show({ role, model: id }, () => `${id} serves as ${role}.`);
        context.next('A running agent takes it up by itself. Try it: hub models test');
      }),
    );
  models
    .command('add <card>')
    .description('take up a model of your own: its card (YAML) and its ONNX file')
    .requiredOption('--file <onnx>', 'the model')
    .action(
      run(async (context, cardFile: string, { file }: { file: string }) => {
        const card = await addModel(openShelf(context), resolve(cardFile), resolve(file));
        context.show(
          { model: card.id, ...card.onnx },
          () => `${card.id} is here: ${card.role}, ${bytes(card.onnx.bytes)}.`,
        );
        context.next(`Let it serve: hub models use ${card.id}`);
      }),
    );
};

const stateOf = (shelf: ModelShelf, card: ModelCard): 'serves' | 'here' | 'not here' | 'chosen, not here' => {
  const serves = shelf.serving(card.role)?.id === card.id;
  if (shelf.stateOf(card) === 'present') return serves ? 'serves' : 'here';
  return shelf.chosen(card.role) === card.id ? 'chosen, not here' : 'not here';
};

const list = (context: CliContext): void => {
  const shelf = openShelf(context);
  const { style } = context.terminal;
  const rows = modelRoles.flatMap((role) => shelf.cards.filter((card) => card.role === role));
  const told = rows.map((card) => ({
    ...{ model: card.id, role: card.role, name: card.name, state: stateOf(shelf, card) },
    ...{ bytes: card.onnx.bytes, sha256: card.onnx.sha256, licence: card.licence },
    ...{ labels: card.labels.length, thresholds: card.thresholds, goodAt: card.goodAt, weakAt: card.weakAt },
    ...{ measured: card.measured, optional: shelf.isOptional(card) },
  }));
  context.show({ folder: shelf.folder, models: told, problems: shelf.problems }, () =>
    [
      renderTable(
        [
          { title: 'ROLE' },
          { title: 'MODEL' },
          { title: 'STATE' },
          { title: 'SIZE', align: 'right' },
          { title: 'CLASSES', align: 'right' },
          { title: 'SURE FROM', align: 'right' },
          { title: 'LICENCE', shrink: true },
          { title: 'WEAK AT', shrink: true },
        ],
        told.map((one) => [
          ...[one.role, one.model, stateText(one, style)],
          ...[bytes(one.bytes), one.labels > 0 ? String(one.labels) : '-', one.thresholds.sure.toFixed(2)],
          ...[one.licence, one.weakAt?.en ?? '-'],
        ]),
        tableOptions(context),
      ),
      ...shelf.problems.flatMap(({ lines }) => lines.map((line) => style.bad(line))),
    ].join('\n'),
  );
  const missing = told.filter(
    ({ state, optional }) => (state === 'not here' && !optional) || state === 'chosen, not here',
  );
  context.next(missing.length > 0 ? 'Fetch what is not here: hub models pull' : 'Check them: hub models test');
};

const stateText = (
  { state, optional }: { state: string; optional: boolean },
  style: CliContext['terminal']['style'],
) => (state === 'chosen, not here' ? style.bad(state) : state === 'not here' && optional ? 'optional' : state);

const pull = async (context: CliContext, ids: readonly string[], from: string | undefined): Promise<void> => {
  const shelf = openShelf(context);
  const wanted =
    ids.length > 0
      ? ids
      : shelf.cards
          .filter(
            (card) => shelf.catalogueCard(card.id) && !shelf.isOptional(card) && shelf.stateOf(card) === 'missing',
          )
          .map(({ id }) => id);
  const { terminal, json } = context;
  let told = -1;
  await pullModels(shelf, wanted, {
    ...{ clock: systemClock, signal: context.signal, env: process.env },
    ...(from === undefined ? {} : { from: resolve(from) }),
    onProgress: (step, got = 0, of = 1) => {
      const tenth = Math.floor((got / of) * 10);
      if (json || step !== 'fetch' || tenth === told) return;
      told = tenth;
      terminal.err(terminal.style.dim(`fetching ${bytes(got)} of ${bytes(of)}`));
    },
  });
  context.show({ folder: shelf.folder, pulled: wanted }, () =>
    wanted.length === 0
      ? 'All models of the catalogue are here.'
      : wanted.map((id) => `${terminal.style.good('✓')} ${id}  ${bytes(shelf.card(id).onnx.bytes)}`).join('\n'),
  );
  context.next('Check them against the originals: hub models test');
};

/** The named models, or all whose files are here. */
const present = (shelf: ModelShelf, ids: readonly string[]): ModelCard[] =>
  ids.length > 0
    ? ids.map((id) => shelf.card(id))
    : modelRoles.flatMap((role: ModelRole) =>
        shelf.cards.filter((card) => card.role === role && shelf.stateOf(card) === 'present'),
      );

interface Tested {
  readonly model: string;
  readonly ok: boolean;
  readonly said: string;
  readonly compared?: number;
  readonly worst?: number;
}

const testOne = async (shelf: ModelShelf, card: ModelCard): Promise<Tested> => {
  const model = card.id;
  try {
    const file = shelf.read(card);
    const seen = await tryOut(file, card);
    const vectors = readParityVectors(card.id);
    if (!vectors) return { model, ok: true, said: `opens and runs; saw ${count(seen, 'thing')} in the test picture` };
    const { ok, compared, worst, reference } = await checkParity(file, card, vectors);
    const far = worst === 0 ? '0' : worst.toExponential(1);
    return { model, ok, compared, worst, said: `${compared} numbers, farthest ${far} of the largest; ${reference}` };
  } catch (error) {
    const { message, hint } = toHubError(error);
    return { model, ok: false, said: hint ? `${message}. ${hint}` : message };
  }
};

const test = async (context: CliContext, ids: readonly string[]): Promise<void> => {
  const shelf = openShelf(context);
  const results: Tested[] = [];
  for (const card of present(shelf, ids)) results.push(await testOne(shelf, card));
  const { style } = context.terminal;
  context.show({ models: results }, () =>
    results.length === 0
      ? 'No model is on this unit.'
      : renderTable(
          [{ title: 'MODEL' }, { title: 'RESULT' }, { title: 'WHAT WAS SEEN', shrink: true }],
          results.map(({ model, ok, said }) => [model, ok ? style.good('✓ ok') : style.bad('✗ failed'), said]),
          tableOptions(context),
        ),
  );
  if (results.length === 0) context.next('Fetch them: hub models pull');
  if (results.some(({ ok }) => !ok)) context.setExitCode(exitCodes.failed);
};

const bench = async (context: CliContext, ids: readonly string[], pictures: number): Promise<void> => {
  const shelf = openShelf(context);
  const results: { model: string; times: ModelTime[] }[] = [];
  for (const card of present(shelf, ids)) {
    const file = shelf.read(card);
    const times: ModelTime[] = [];
    for (const threads of [1, 2])
      times.push(await timeModel(file, card, { threads, pictures, signal: context.signal }));
    results.push({ model: card.id, times });
  }
  const ms = (value: number | undefined) => (value === undefined ? '-' : `${value.toFixed(1)} ms`);
  context.show({ pictures, models: results }, () =>
    results.length === 0
      ? 'No model is on this unit.'
      : renderTable(
          [
            { title: 'MODEL' },
            { title: 'ONE THREAD', align: 'right' },
            { title: '95 % WITHIN', align: 'right' },
            { title: 'A SECOND', align: 'right' },
            { title: 'TWO THREADS', align: 'right' },
            { title: '95 % WITHIN', align: 'right' },
          ],
          results.map(({ model, times: [one, two] }) => [
            ...[model, ms(one?.p50Ms), ms(one?.p95Ms), one ? (1000 / one.p50Ms).toFixed(0) : '-'],
            ...[ms(two?.p50Ms), ms(two?.p95Ms)],
          ]),
          tableOptions(context),
        ),
  );
};
