import type { Lane } from '@hallhub/shared/wire';

/** Sessions before what is happening now before what happened earlier. */
export const intakeClasses = ['session', 'prompt', 'bulk'] as const;
export type IntakeClass = (typeof intakeClasses)[number];

export const classOfLane = (lane: Lane): IntakeClass => (lane === 'events' || lane === 'live' ? 'prompt' : 'bulk');

export interface IntakeLimits {
  /** Tasks at one time, of all classes; leave connections of the pool for requests. */
  readonly maxRunning: number;
  /** Of one class. Less than all for `prompt`: some backlog always gets through. */
  readonly running: Readonly<Record<IntakeClass, number>>;
  /** From arrival to answer. While `prompt` takes longer, `bulk` gives places up, down to one. */
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
    prompt: Math.max(1, maxRunning - 1),
    bulk: Math.max(1, Math.floor((maxRunning * 3) / 8)),
  },
  promptTargetMs: 100,
  waitingBytes: { session: 16 * 1_048_576, prompt: 64 * 1_048_576, bulk: 32 * 1_048_576 },
  // Four batches of the largest size.
  unitWaitingBytes: 1_048_576,
});

interface Task {
  readonly bytes: number;
  readonly run: () => Promise<void>;
}

interface Placed extends Task {
  readonly sinceMs: number;
}

interface Line {
  readonly unitId: string;
  readonly class: IntakeClass;
  readonly tasks: Placed[];
}

/** What one unit has in a class. */
interface Share {
  /** Keys, the next first. */
  readonly ready: string[];
  running: number;
  waitingBytes: number;
}

/** A place is given up at once, and won back over so many answers in time. */
const answersAPlace = 16;
/** Nobody live was heard for this long: nobody is held up. */
const quietMs = 1_000;

/**
 * What waits to be written: one task at a time for each key, few at a time in all, the classes in their order, within a class the
 * units in turn, and within a unit its keys. So a thousand units with a backlog do not make live ones wait, and one unit that sends
 * a hundred times as much as others waits for itself.
 */
export class UnitIntake {
  readonly #limits: IntakeLimits;
  readonly #lines = new Map<string, Line>();
  readonly #shares: Record<IntakeClass, Map<string, Share>> = {
    ...{ session: new Map(), prompt: new Map(), bulk: new Map() },
  };
  /** Units whose turn comes, each once. */
  readonly #turns: Record<IntakeClass, string[]> = { session: [], prompt: [], bulk: [] };
  readonly #running: Record<IntakeClass, number> = { session: 0, prompt: 0, bulk: 0 };
  readonly #waitingBytes: Record<IntakeClass, number> = { session: 0, prompt: 0, bulk: 0 };
  readonly #idle: (() => void)[] = [];
  readonly #nowMs: () => number;
  /** Places of `bulk` for now; whole ones count. */
  #bulkPlaces: number;
  #promptMs = Number.NEGATIVE_INFINITY;

  constructor(limits: IntakeLimits = defaultIntake(), nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#bulkPlaces = limits.running.bulk;
  }

  get bulkPlaces(): number {
    return Math.floor(this.#bulkPlaces);
  }

  waitingBytes(of: IntakeClass): number {
    return this.#waitingBytes[of];
  }

  /**
   * A task must not throw. `channel` and class make the key. `repeated`: this key has one running and one waiting already, so somebody
   * asked twice; `full`: too much of this class waits, of this unit or in all. Either way it was not taken.
   */
  push(unitId: string, channel: string, of: IntakeClass, task: Task): 'taken' | 'repeated' | 'full' {
    const key = `${unitId} ${channel}`;
    const line = this.#lines.get(key);
    if (line && line.tasks.length > 1) return 'repeated';
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
      const { session, prompt, bulk } = this.#running;
      if (session + prompt + bulk >= this.#limits.maxRunning) return;
      const next = intakeClasses.find((of) => this.#turns[of].length > 0 && this.#running[of] < this.#places(of));
      const unitId = next && this.#turns[next].shift();
      if (next === undefined || unitId === undefined) return;
      const share = this.#shareOf(unitId, next);
      const key = share.ready.shift();
      if (key !== undefined) void this.#run(key, share);
    }
  }

  #places(of: IntakeClass): number {
    return of === 'bulk' ? this.bulkPlaces : this.#limits.running[of];
  }

  #judge(of: IntakeClass, { sinceMs }: Placed): void {
    const { promptTargetMs, running } = this.#limits;
    const nowMs = this.#nowMs();
    if (of === 'prompt') this.#promptMs = nowMs;
    if (of === 'prompt' && nowMs - sinceMs > promptTargetMs) this.#bulkPlaces = Math.max(1, this.bulkPlaces - 1);
    else if (of === 'prompt' || nowMs - this.#promptMs > quietMs)
      this.#bulkPlaces = Math.min(running.bulk, this.#bulkPlaces + 1 / answersAPlace);
  }

  async #run(key: string, share: Share): Promise<void> {
    const line = this.#lines.get(key)!;
    const { unitId, class: of } = line;
    const [task] = line.tasks;
    this.#running[of]++;
    share.running++;
    this.#waitingBytes[of] -= task!.bytes;
    share.waitingBytes -= task!.bytes;
    try {
      await task!.run();
    } finally {
      this.#running[of]--;
      // A unit with more in line waits for itself: that is no reason to slow the backlog of others.
      if (share.ready.length === 0) this.#judge(of, task!);
      share.running--;
      line.tasks.shift();
      // Back to the end of its unit's line, and the unit to the end of all: a busy one does not starve the others.
      if (line.tasks.length > 0) share.ready.push(key);
      else this.#lines.delete(key);
      if (share.ready.length > 0) this.#turns[of].push(unitId);
      else this.#shares[of].delete(unitId);
      this.#start();
      if (this.#lines.size === 0) for (const done of this.#idle.splice(0)) done();
    }
  }
}
