import type { NewLine } from '../engine/decide-context.js';
import { isLive, type Task, type TicketState } from '../engine/ticket-state.js';
import { fieldProblem } from '../kind/check-field.js';
import type { TicketKind, TicketStep } from '../kind/kind-schema.js';

export interface KindVersion {
  readonly version: number;
  readonly kind: TicketKind;
}

/** Why a running ticket cannot go on by another version. */
export const migrationObstacles = [
  'other_kind',
  'other_version',
  'ended',
  'step_unmapped',
  'step_unknown',
  'step_is_end',
  'several_tasks',
  'waiting_tasks',
  'no_suspended_state',
  'no_extension',
  'level_unknown',
  'field_unfit',
  'field_missing',
  'begin_unknown',
] as const;
export type MigrationObstacle = (typeof migrationObstacles)[number];

export type Migration =
  /** `leaves`: fields with a value that the new version does not show; the history keeps them. */
  | { readonly ok: true; readonly line: NewLine; readonly leaves: readonly string[] }
  | {
      readonly ok: false;
      readonly obstacles: readonly { readonly code: MigrationObstacle; readonly about?: string }[];
    };

export interface Moving {
  readonly from: KindVersion;
  readonly to: KindVersion;
  /** Steps of `from` as steps of `to`; what is left out keeps its name. */
  readonly steps: Readonly<Record<string, string>>;
}

const isPending = (task: Task): boolean => isLive(task) || task.state === 'waiting' || task.state === 'lent';

/** The line that moves a running ticket to another version of its kind, or all that keeps it where it is. Nothing of its history, tasks and pauses is lost. */
export const migrationOf = (state: TicketState, { from, to, steps }: Moving): Migration => {
  const obstacles: { code: MigrationObstacle; about?: string }[] = [];
  const stop = (code: MigrationObstacle, about?: string) =>
    obstacles.push(about === undefined ? { code } : { code, about });
  if (state.kind !== to.kind.code || from.kind.code !== to.kind.code) stop('other_kind', state.kind);
  if (state.kindVersion !== from.version) stop('other_version', String(state.kindVersion));
  if (state.status === 'ended') stop('ended');
  if (obstacles.length > 0) return { ok: false, obstacles };

  const target = (step: string): TicketStep | undefined =>
    to.kind.steps.find(({ id }) => id === (Object.hasOwn(steps, step) ? steps[step] : step));
  const now = target(state.step);
  const { suspendedState } = to.kind;
  if (!now) stop(Object.hasOwn(steps, state.step) ? 'step_unknown' : 'step_unmapped', steps[state.step] ?? state.step);
  else if (now.end) stop('step_is_end', now.id);
  else lintTasks(state, now, stop);
  if (state.status === 'suspended' && suspendedState === undefined) stop('no_suspended_state');
  if (!to.kind.extension && state.tasks.some((one) => one.purpose === 'extension' && isPending(one))) {
    stop('no_extension');
  }
  if (state.level !== null && !to.kind.levels.some(({ id }) => id === state.level)) stop('level_unknown', state.level);
  // What could not begin is tried again by its rule, or let be: where there is none, people decide first.
  for (const { state: how, rule } of state.begun ?? []) {
    if (how === 'failed' && !to.kind.begins.some(({ id }) => id === rule)) stop('begin_unknown', rule);
  }
  const leaves = lintFields(state, to.kind, stop);
  if (hasText(state, from.kind.title) && !hasText(state, to.kind.title)) stop('field_missing', to.kind.title);
  if (obstacles.length > 0 || !now) return { ok: false, obstacles };

  const been = [...new Set(state.visits.map(({ step }) => step))];
  const renamed = been.flatMap((id) => {
    const step = target(id);
    return step ? [[id, { step: step.id, stateId: step.state }] as const] : [];
  });
  const stateId = state.status === 'suspended' ? (suspendedState ?? now.state) : now.state;
  return {
    ok: true,
    leaves,
    line: {
      ...{ type: 'migrated', kindVersion: to.version, steps: Object.fromEntries(renamed), stateId },
      ...(suspendedState === undefined ? {} : { suspendedStateId: suspendedState }),
    },
  };
};

type Stop = (code: MigrationObstacle, about?: string) => void;

/** Tasks that the new step would lose, or never open. */
const lintTasks = (state: TicketState, { id, mode }: TicketStep, stop: Stop): void => {
  const pending = state.tasks.filter((one) => one.purpose === 'handle' && isPending(one));
  const voices = pending.filter(({ lentBy }) => lentBy === undefined);
  if (voices.length > 1 && (mode === 'single' || mode === 'free')) stop('several_tasks', id);
  if (pending.some((one) => one.state === 'waiting') && mode !== 'ordered') stop('waiting_tasks', id);
};

const lintFields = ({ fields }: TicketState, kind: TicketKind, stop: Stop): string[] => {
  const leaves: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const field = kind.fields.find((one) => one.key === key);
    const isEmpty = value === undefined || value === null || value === '';
    if (!field) {
      if (!isEmpty) leaves.push(key);
    } else if (!isEmpty && fieldProblem(field, value) !== undefined) stop('field_unfit', key);
  }
  return leaves;
};

const hasText = ({ fields }: TicketState, key: string): boolean =>
  typeof fields[key] === 'string' && fields[key] !== '';
