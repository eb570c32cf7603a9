import { HubError, isHubError, systemClock } from '@hallhub/shared';
import type { UnitProof } from '@hallhub/shared/proof';
import type { DrillKind, DrillLook, DrillReport, DrillState } from '../../drill/drill-contract.js';
import { reckonDrill } from '../../drill/reckon-drill.js';
import { todayIn } from '../../proof/day-span.js';
import type { CliContext } from '../cli-context.js';
import { cloudProofOf } from '../proof-sources.js';

export interface DrillOrder {
  readonly kind: DrillKind;
  readonly forMs: number;
  readonly force: boolean;
}

const lookEveryMs = 500;
const backWithinMs = 90_000;
const caughtUpWithinMs = 300_000;
/** The uplink's own pauses are a minute and a half at most; the proof is asked for when it is back. */
const proofTries = 20;

/** One drill from the first look to the report, which the agent keeps. Whatever goes wrong here, the fault is taken back. */
export const holdDrill = async (
  context: CliContext,
  order: DrillOrder,
): Promise<{ report: DrillReport; file: string }> => {
  const { terminal } = context;
  const say = (text: string) => {
    if (!context.json) terminal.err(terminal.style.dim(text));
  };
  const day = todayIn(Intl.DateTimeFormat().resolvedOptions().timeZone, terminal.now());
  const first = await cloudProof(context, day);
  // The cloud names the hall's zone.
  const today = first ? todayIn(first.timeZone, terminal.now()) : day;
  const cloudBefore = first && today !== day ? await cloudProof(context, today) : first;
  const { look: before } = await lookAt(context);
  const { bootId } = await context.withAgent((c) => c.call('status', {}));
  const state = await context.withAgent((c) => c.call('drill.begin', { ...order }));
  say(`${order.kind}: ${state.done}`);
  const watch = new Watch(order.kind);
  try {
    if (order.kind === 'restart-agent') await isBack(context, bootId);
    else await watchUntilUndone(context, state, watch);
  } catch (error) {
    await takeBack(context);
    throw error;
  }
  const { look: atEnd } = await lookAt(context);
  const endedMs = performance.now();
  say('The fault was taken back; waiting until everything has been confirmed.');
  const after = await caughtUp(context, atEnd, watch).catch(async (error) => {
    await takeBack(context);
    throw error;
  });
  const caughtUpMs = after ? Math.round(performance.now() - endedMs) : null;
  await context.withAgent((c) => c.call('drill.settle', {}));
  const cloudAfter = cloudBefore && (await cloudReached(context, today, atEnd));
  const report: DrillReport = {
    ...{
      v: 1,
      id: state.id,
      kind: order.kind,
      startedAt: state.startedAt,
      endedAt: terminal.now(),
      forMs: order.forMs,
    },
    done: state.done,
    before,
    during: watch.during,
    after: after ?? (await lookAt(context)).look,
    caughtUpMs,
    ...reckonDrill({ before, atEnd, cloudBefore, cloudAfter, isCaughtUp: after !== undefined }),
  };
  const { file } = await context.withAgent((c) => c.call('drill.keep', { report }));
  return { report, file };
};

const lookAt = (context: CliContext) => context.withAgent((c) => c.call('drill.look', {}));

/** The worst of what was seen. */
class Watch {
  readonly #kind: DrillKind;
  #lastMs = performance.now();
  #offlineMs = 0;
  #maxPending = 0;
  #maxOldestMs = 0;

  constructor(kind: DrillKind) {
    this.#kind = kind;
  }

  see(look: DrillLook | undefined): void {
    const nowMs = performance.now();
    if (look?.uplink !== 'online') this.#offlineMs += nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (!look) return;
    this.#maxPending = Math.max(this.#maxPending, look.pending);
    // A clock that was set wrong on purpose says nothing about age.
    if (this.#kind !== 'clock-jump') this.#maxOldestMs = Math.max(this.#maxOldestMs, look.oldestMs);
  }

  get during(): DrillReport['during'] {
    return { offlineMs: Math.round(this.#offlineMs), maxPending: this.#maxPending, maxOldestMs: this.#maxOldestMs };
  }
}

const watchUntilUndone = async (context: CliContext, state: DrillState, watch: Watch): Promise<void> => {
  for (;;) {
    await systemClock.sleep(lookEveryMs, context.signal);
    const { look, state: now } = await lookAt(context);
    watch.see(look);
    if (!now || now.id !== state.id)
      throw new HubError('conflict', 'the drill was ended by another agent or another drill');
    if (now.state === 'undone') return;
  }
};

const isBack = async (context: CliContext, bootId: string): Promise<void> => {
  const endMs = performance.now() + backWithinMs;
  while (performance.now() < endMs) {
    await systemClock.sleep(lookEveryMs, context.signal);
    try {
      const status = await context.withAgent((c) => c.call('status', {}));
      if (status.bootId !== bootId) return;
    } catch (error) {
      if (!isHubError(error, 'link_refused') && !isHubError(error, 'link_lost')) throw error;
    }
  }
  throw new HubError('timeout', `the agent was not back within ${backWithinMs / 1_000} s`, {
    hint: 'Start it: systemctl start hallhub-edge',
  });
};

/** Everything that was written until the end of the fault is confirmed; undefined: not in time. */
const caughtUp = async (context: CliContext, atEnd: DrillLook, watch: Watch): Promise<DrillLook | undefined> => {
  const endMs = performance.now() + caughtUpWithinMs;
  while (performance.now() < endMs) {
    const { look } = await lookAt(context);
    watch.see(look);
    const isThere = atEnd.lanes.every(({ lane, epoch, head }) => {
      const now = look.lanes.find((one) => one.lane === lane);
      return now !== undefined && (now.epoch !== epoch || now.confirmed >= head);
    });
    if (isThere && look.uplink === 'online') return look;
    await systemClock.sleep(lookEveryMs, context.signal);
  }
  return undefined;
};

const cloudProof = async (context: CliContext, day: string): Promise<UnitProof | undefined> => {
  const answer = await cloudProofOf(context, day);
  return 'proof' in answer ? answer.proof : undefined;
};

/** The cloud's answer of a moment when it has all of them. */
const cloudReached = async (context: CliContext, day: string, atEnd: DrillLook): Promise<UnitProof | undefined> => {
  let last: UnitProof | undefined;
  for (let i = 0; i < proofTries; i++) {
    last = (await cloudProof(context, day)) ?? last;
    const streams = last?.streams ?? [];
    const has = ({ lane, epoch, head }: DrillLook['lanes'][number]) =>
      head === 0 || streams.some((one) => one.lane === lane && one.epoch === epoch && one.cursor >= head);
    if (last && atEnd.lanes.every(has)) return last;
    await systemClock.sleep(1_000, context.signal);
  }
  return last;
};

/** Also after Ctrl-C. An agent that is gone has put everything back by that, or does so at its next start. */
const takeBack = async (context: CliContext): Promise<void> => {
  try {
    await context.withAgent(async (c) => {
      await c.call('drill.end', {});
      await c.call('drill.settle', {});
    });
    if (!context.json) context.terminal.err('The fault was taken back.');
  } catch (error) {
    if (!isHubError(error)) throw error;
    context.terminal.err(
      `The agent could not be asked to take the fault back (${error.message}); it does so by itself at the end of the time, or at its next start.`,
    );
  }
};
