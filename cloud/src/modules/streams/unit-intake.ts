import type { Lane } from '@hallhub/shared/wire';

/** Sessions before readings before events (all of them what is happening now) before what happened earlier. */
export const intakeClasses = ['session', 'live', 'prompt', 'bulk'] as const;
export type IntakeClass = (typeof intakeClasses)[number];

/** `together`: it can be written with others', which is cheaper, and waits for one of few places. */
export const classOfLane = (lane: Lane, together: boolean): IntakeClass => {
  if (lane === 'live') return together ? 'live' : 'prompt';
  return lane === 'events' ? 'prompt' : 'bulk';
};

/** Tasks of several units at once, in one place. */
export interface Together {
  readonly tasks: number;
  readonly bytes: number;
}

export interface IntakeLimits {
  /** Tasks at one time, of all classes; leave connections of the pool for requests. */
  readonly maxRunning: number;
  /** Of one class. Less than all for `prompt`: some backlog always gets through. */
  readonly running: Readonly<Record<IntakeClass, number>>;
  /** Of `live` while none has waited for long: what comes meanwhile goes together next, which is cheaper. */
  readonly unhurried: number;
  /** How many that can go together do so, at most; for `bulk` with all its places, with fewer as many less. */
  readonly together: Readonly<Record<'live' | 'bulk', Together>>;
  /** From arrival to answer. While `live` and `prompt` take longer, `bulk` gives places up, down to one, and `session` down to two. */
  readonly promptTargetMs: number;
  /** Payload bytes that may wait; beyond it units are asked to come back later. */
  readonly waitingBytes: Readonly<Record<IntakeClass, number>>;
  /** Of one class and unit, so that no unit fills the room of all. */
  readonly unitWaitingBytes: number;
}

export const defaultIntake = (maxRunning = 8): IntakeLimits => ({
  maxRunning,
  running: {
    session: Math.max(1, Math.ceil(maxRunning / 2)),
    live: Math.max(1, Math.floor((maxRunning * 5) / 8)),
    prompt: Math.max(1, maxRunning - 1),
    bulk: Math.max(1, Math.floor((maxRunning * 3) / 8)),
  },
  unhurried: 2,
  together: { live: { tasks: 64, bytes: 262_144 }, bulk: { tasks: 24, bytes: 262_144 } },
  promptTargetMs: 100,
  waitingBytes: { session: 16 * 1_048_576, live: 64 * 1_048_576, prompt: 64 * 1_048_576, bulk: 32 * 1_048_576 },
  // Four batches of the largest size.
  unitWaitingBytes: 1_048_576,
});

export interface IntakeTask<B> {
  readonly bytes: number;
  /** Alone. */
  readonly run: () => Promise<void>;
  /** Where it may go with others': what `runTogether` gets. */
  readonly batch?: B;
}

interface Placed<B> extends IntakeTask<B> {
  readonly sinceMs: number;
}

interface Line<B> {
  readonly unitId: string;
  readonly class: IntakeClass;
  readonly tasks: Placed<B>[];
}

/** What one unit has in a class. */
interface Share {
  /** Keys, the next first. */
  readonly ready: string[];
  running: number;
  waitingBytes: number;
}

/** The first task of a line, taken out of its unit's turn. */
interface Taken<B> {
  readonly key: string;
  readonly line: Line<B>;
  readonly share: Share;
  readonly task: Placed<B>;
}

/** A place is given up at once, and won back over so many answers in time. */
const answersAPlace = 16;
/** Whoever waits longer is not kept waiting for company: transactions are slow, and more of them at a time are quicker. */
const hurryMs = 20;
/** Nobody live was heard for this long: nobody is held up. */
const quietMs = 1_000;

/**
 * What waits to be written: one task at a time for each key, few at a time in all, the classes in their order, within a class the
 * units in turn, and within a unit its keys. So a thousand units with a backlog do not make live ones wait, and one unit that sends
 * a hundred times as much as others waits for itself.
 */
export class UnitIntake<B = never> {
  readonly #limits: IntakeLimits;
  readonly #lines = new Map<string, Line<B>>();
  readonly #shares: Record<IntakeClass, Map<string, Share>> = {
    ...{ session: new Map(), live: new Map(), prompt: new Map(), bulk: new Map() },
  };
  /** Units whose turn comes, each once. */
  readonly #turns: Record<IntakeClass, string[]> = { session: [], live: [], prompt: [], bulk: [] };
  readonly #running: Record<IntakeClass, number> = { session: 0, live: 0, prompt: 0, bulk: 0 };
  readonly #waitingBytes: Record<IntakeClass, number> = { session: 0, live: 0, prompt: 0, bulk: 0 };
  readonly #idle: (() => void)[] = [];
  readonly #nowMs: () => number;
  readonly #runTogether: ((batches: readonly B[]) => Promise<void>) | undefined;
  /** Places of `bulk` for now; whole ones count. */
  #bulkPlaces: number;
  #promptMs = Number.NEGATIVE_INFINITY;

  /** `runTogether` must not throw. Without it every task runs alone. */
  constructor(
    limits: IntakeLimits = defaultIntake(),
    nowMs: () => number = () => performance.now(),
    runTogether?: (batches: readonly B[]) => Promise<void>,
  ) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#runTogether = runTogether;
    this.#bulkPlaces = limits.running.bulk;
  }

  get bulkPlaces(): number {
    return Math.floor(this.#bulkPlaces);
  }

  waitingBytes(of: IntakeClass): number {
    return this.#waitingBytes[of];
  }

  /**
   * A task must not throw. `channel` makes the key with its unit; while a key has a task its class stays. `repeated`: this key has one
   * running and one waiting already, so somebody asked twice; `full`: too much of this class waits, of this unit or in all. Either way
   * it was not taken.
   */
  push(unitId: string, channel: string, wanted: IntakeClass, task: IntakeTask<B>): 'taken' | 'repeated' | 'full' {
    const key = `${unitId} ${channel}`;
    const line = this.#lines.get(key);
    if (line && line.tasks.length > 1) return 'repeated';
    const of = line?.class ?? wanted;
    const own = this.#shares[of].get(unitId)?.waitingBytes ?? 0;
    const { waitingBytes, unitWaitingBytes } = this.#limits;
    if (this.#waitingBytes[of] + task.bytes > waitingBytes[of] && this.#waitingBytes[of] > 0) return 'full';
    if (own + task.bytes > unitWaitingBytes && own > 0) return 'full';
    this.#waitingBytes[of] += task.bytes;
    const placed = { ...task, sinceMs: this.#nowMs() };
    const share = this.#shareOf(unitId, of);
    share.waitingBytes += task.bytes;
    if (line) {
      line.tasks.push(placed);
      return 'taken';
    }
    this.#lines.set(key, { unitId, class: of, tasks: [placed] });
    this.#makeReady(key, { unitId, of, share });
    this.#start();
    return 'taken';
  }

  /** Resolves when nothing runs or waits. */
  idle(): Promise<void> {
    if (this.#lines.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #shareOf(unitId: string, of: IntakeClass): Share {
    const found = this.#shares[of].get(unitId);
    if (found) return found;
    const share: Share = { ready: [], running: 0, waitingBytes: 0 };
    this.#shares[of].set(unitId, share);
    return share;
  }

  #makeReady(key: string, { unitId, of, share }: { unitId: string; of: IntakeClass; share: Share }): void {
    share.ready.push(key);
    // One of a unit and class at a time: its other lines wait for it, not others for them.
    if (share.ready.length === 1 && share.running === 0) this.#turns[of].push(unitId);
  }

  #start(): void {
    for (;;) {
      const { session, live, prompt, bulk } = this.#running;
      if (session + live + prompt + bulk >= this.#limits.maxRunning) return;
      const next = intakeClasses.find((of) => this.#turns[of].length > 0 && this.#running[of] < this.#places(of));
      const first = next && this.#take(next);
      if (!first) return;
      void this.#run(next, this.#company(next, first));
    }
  }

  #places(of: IntakeClass): number {
    const { running, unhurried } = this.#limits;
    if (of === 'bulk') return this.bulkPlaces;
    if (of === 'session') return Math.min(running.session, this.bulkPlaces + 1);
    if (of === 'prompt') return running.prompt;
    const sinceMs = this.#next('live')?.task.sinceMs ?? Number.POSITIVE_INFINITY;
    return this.#nowMs() - sinceMs > hurryMs ? running.live : Math.min(running.live, unhurried);
  }

  /** The task whose turn it is. */
  #take(of: IntakeClass): Taken<B> | undefined {
    const next = this.#next(of);
    if (!next) return undefined;
    const { share, task } = next;
    this.#turns[of].shift();
    share.ready.shift();
    share.running++;
    share.waitingBytes -= task.bytes;
    this.#waitingBytes[of] -= task.bytes;
    return next;
  }

  #next(of: IntakeClass): Taken<B> | undefined {
    const [unitId] = this.#turns[of];
    const share = unitId === undefined ? undefined : this.#shares[of].get(unitId);
    const key = share?.ready[0];
    const line = key === undefined ? undefined : this.#lines.get(key);
    const task = line?.tasks[0];
    return share && key !== undefined && line && task ? { key, line, share, task } : undefined;
  }

  /** With those that come next and can go together with it. */
  #company(of: IntakeClass, first: Taken<B>): readonly Taken<B>[] {
    const taken = [first];
    if (first.task.batch === undefined || !this.#runTogether || (of !== 'live' && of !== 'bulk')) return taken;
    const { tasks, bytes } = this.#limits.together[of];
    const most = of === 'live' ? tasks : Math.ceil((tasks * this.bulkPlaces) / this.#limits.running.bulk);
    let sum = first.task.bytes;
    while (taken.length < most) {
      const next = this.#next(of);
      if (next?.task.batch === undefined || sum + next.task.bytes > bytes) break;
      sum += next.task.bytes;
      const one = this.#take(of);
      if (one) taken.push(one);
    }
    return taken;
  }

  #judge(of: IntakeClass, { sinceMs }: Placed<B>): void {
    const { promptTargetMs, running } = this.#limits;
    const nowMs = this.#nowMs();
    const isPrompt = of === 'prompt' || of === 'live';
    if (isPrompt) this.#promptMs = nowMs;
    if (isPrompt && nowMs - sinceMs > promptTargetMs) this.#bulkPlaces = Math.max(1, this.bulkPlaces - 1);
    else if (isPrompt || nowMs - this.#promptMs > quietMs)
      this.#bulkPlaces = Math.min(running.bulk, this.#bulkPlaces + 1 / answersAPlace);
  }

  async #run(of: IntakeClass, taken: readonly Taken<B>[]): Promise<void> {
    this.#running[of]++;
    try {
      const batches = taken.flatMap(({ task }) => (task.batch === undefined ? [] : [task.batch]));
      if (taken.length > 1) await this.#runTogether?.(batches);
      else await taken[0]?.task.run();
    } finally {
      this.#running[of]--;
      for (const one of taken) this.#finish(of, one);
      this.#start();
      if (this.#lines.size === 0) for (const done of this.#idle.splice(0)) done();
    }
  }

  #finish(of: IntakeClass, { key, line, share, task }: Taken<B>): void {
    const { unitId } = line;
    // A unit with more in line waits for itself: that is no reason to slow the backlog of others.
    if (share.ready.length === 0) this.#judge(of, task);
    share.running--;
    line.tasks.shift();
    // Back to the end of its unit's line, and the unit to the end of all: a busy one does not starve the others.
    if (line.tasks.length > 0) share.ready.push(key);
    else this.#lines.delete(key);
    if (share.ready.length > 0) this.#turns[of].push(unitId);
    else this.#shares[of].delete(unitId);
  }
}
