import { parentPort } from 'node:worker_threads';
import { toHubError } from '@hallhub/shared';
import type { PictureBytes } from './detector.js';
import type { Answered, Asked, OpenedRunner } from './model-thread-contract.js';
import { type AbsentModel, isAbsent, type LookingRole, openRole, type RunnerOfRole } from './open-models.js';

/** The thread that models run on: opens them, and looks at one picture after the other. */
const runners = new Map<number, RunnerOfRole[LookingRole]>();
let last = 0;

const open = async ({
  folder,
  role,
  options,
}: Extract<Asked, { kind: 'open' }>): Promise<OpenedRunner | AbsentModel> => {
  const opened = await openRole(folder, role, options);
  if (isAbsent(opened)) return opened;
  runners.set(++last, opened);
  const { model, thresholds } = opened;
  return { runner: last, model, thresholds, labels: 'labels' in opened ? opened.labels : [] };
};

const look = (runner: RunnerOfRole[LookingRole] | undefined, picture: PictureBytes): Promise<readonly unknown[]> => {
  if (!runner) return Promise.resolve([]);
  if ('detect' in runner) return runner.detect(picture);
  return 'estimate' in runner ? runner.estimate(picture) : runner.find(picture);
};

const answer = async (asked: Asked): Promise<Extract<Answered, { result: unknown }>['result']> => {
  if (asked.kind === 'open') return open(asked);
  const runner = runners.get(asked.runner);
  if (asked.kind === 'look') return look(runner, asked);
  runners.delete(asked.runner);
  await runner?.[Symbol.asyncDispose]();
  return undefined;
};

parentPort?.on('message', (asked: Asked) => {
  const { id } = asked;
  answer(asked).then(
    (result) => parentPort?.postMessage({ id, result } satisfies Answered),
    (cause) => {
      const { code, message, hint, context } = toHubError(cause);
      parentPort?.postMessage({ id, error: { code, message, hint, context } } satisfies Answered);
    },
  );
});
