import { readFileSync } from 'node:fs';
import { type Clock, HubError, type Timer, uuidv7 } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';
import { ballastFor, takeBallast } from './ballast.js';
import { type DrillKind, type DrillOffer, type DrillReport, type DrillState, drillKinds } from './drill-contract.js';
import { DrillFiles } from './drill-files.js';
import { FaultyLine, type LineFault } from './faulty-line.js';
import type { SkewClock } from './skew-clock.js';

/** Nothing a person orders stays longer than this, whoever forgot it. */
export const maxDrillMs = 15 * 60_000;
const clockJumpMs = 20 * 60_000;

export interface DrillDeskOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly skew: SkewClock;
  readonly logger: Logger;
  readonly minFreeBytes: number;
  /** Where the uplink dials; undefined while there is no credential. */
  readonly uplinkTarget: () => { readonly host: string; readonly port: number } | undefined;
  /** Ends the uplink's connection and dials again. */
  readonly reconnect: () => Promise<void>;
  readonly lookAtDisk: () => Promise<void>;
  readonly broker: { readonly isOwn: boolean; stop(): Promise<void>; start(): Promise<void> };
  /** Makes the agent anew in this process; undefined where it cannot be. */
  readonly restart: (() => void) | undefined;
  /** Why this is no time for a drill. */
  readonly objections: () => string[];
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

const lineFaults: Partial<Record<DrillKind, { readonly fault: LineFault; readonly done: string }>> = {
  cut: { fault: { cut: true }, done: 'the line to the cloud was reset, and every attempt to dial it' },
  slow: {
    fault: { latencyMs: 600, bytesPerSecond: 4_000 },
    done: 'the line to the cloud carried 32 kbit/s each way with 600 ms one way',
  },
  lossy: {
    fault: { latencyMs: 80, stallEveryMs: 4_000, stallMs: 2_500, breakEveryMs: 15_000 },
    done: 'the line to the cloud stalled for some seconds every few, and broke now and then',
  },
};

const what: Record<DrillKind, string> = {
  cut: 'no line to the cloud at all',
  slow: 'a line of 32 kbit/s with 600 ms one way',
  lossy: 'a line that stalls and breaks',
  'broker-restart': "the hall's own broker goes away and comes back; its MQTT devices dial again",
  'clock-jump': "the agent's clock goes 20 minutes ahead and back; the machine's own is not touched",
  'disk-full': 'the disk is filled down to the reserve of the unit; nothing is given up for it',
  'restart-agent':
    'the agent is killed by the power cut of processes, kill -9, where something starts it again; else it restarts itself',
};

/** Started again by systemd after kill -9? Its own word, in the environment of what it starts. */
const hasServiceManager = (): boolean => {
  try {
    return (
      readFileSync('/proc/self/environ', 'utf8')
        .split('\0')
        .some((one) => one.startsWith('INVOCATION_ID=')) && process.ppid === 1
    );
  } catch {
    return false;
  }
};

/**
 * Makes faults on this unit and takes them back: by order, at their end, when the agent stops, and, where the agent was killed in between, at its next
 * start (docs/engineer.md). One at a time. Devices are never told anything.
 */
export class DrillDesk {
  readonly files: DrillFiles;
  readonly #options: DrillDeskOptions;
  #state: DrillState | undefined;
  #line: FaultyLine | undefined;
  #timer: Timer | undefined;
  #undo: (() => Promise<void>) | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: DrillDeskOptions) {
    this.#options = options;
    this.files = new DrillFiles(options.dataDir);
  }

  /** What a killed agent left; called at its start. */
  recover(): void {
    const left = this.files.undo();
    if (!left) return;
    const { onFault } = this.#options;
    // Restarting is this drill's very purpose.
    if (left.kind === 'restart-agent') return;
    onFault('drill_interrupted', `the drill ${left.kind} ended with the agent; what it had changed was put back`, {
      ...left,
    });
  }

  /** Where the uplink is to dial instead, while a drill is on the line. */
  get detour(): { readonly host: string; readonly port: number } | undefined {
    return this.#line?.address;
  }

  get state(): DrillState | undefined {
    return this.#state;
  }

  get objections(): string[] {
    return this.#options.objections();
  }

  async offers(): Promise<DrillOffer[]> {
    return await Promise.all(
      drillKinds.map(async (kind) => ({ kind, what: what[kind], notHere: (await this.#notHere(kind)) ?? null })),
    );
  }

  /** Throws `conflict` while another one runs or the hall should be left alone, `unsupported` with the reason where it cannot be held here. */
  begin(order: { readonly kind: DrillKind; readonly forMs: number; readonly force: boolean }): Promise<DrillState> {
    return this.#inTurn(() => this.#begin(order));
  }

  /** Puts everything back; nothing to do is fine. */
  end(): Promise<DrillState | null> {
    return this.#inTurn(async () => {
      await this.#takeBack();
      return this.#state ?? null;
    });
  }

  /** The detour is kept after a line's fault, so that the way back up is the uplink's own; this takes it away. */
  settle(): Promise<void> {
    return this.#inTurn(() => this.#dropLine());
  }

  keep(report: DrillReport): string {
    const file = this.files.keep(report);
    const { kind, verdict, text, rows, caughtUpMs, during } = report;
    const context = { id: report.id, kind, verdict, ...rows, caughtUpMs, maxOldestMs: during.maxOldestMs };
    this.#options.onFault('drill_finished', `drill ${kind}: ${text}`, context);
    return file;
  }

  async stop(): Promise<void> {
    await this.end();
    await this.settle();
  }

  async #begin({ kind, forMs, force }: { kind: DrillKind; forMs: number; force: boolean }): Promise<DrillState> {
    const { clock, logger, onFault } = this.#options;
    if (this.#state?.state === 'running') throw new HubError('conflict', `the drill ${this.#state.kind} is being held`);
    const reason = await this.#notHere(kind);
    if (reason) throw new HubError('unsupported', `${kind}: not possible here: ${reason}`);
    const objections = this.#options.objections();
    if (objections.length > 0 && !force) {
      throw new HubError('conflict', `this is no time for a drill: ${objections.join('; ')}`, {
        hint: 'hub doctor says more. With --force it is held all the same.',
      });
    }
    await this.#dropLine();
    const id = uuidv7(clock.now());
    const startedAt = clock.now();
    const lastsMs = Math.min(forMs, maxDrillMs);
    this.files.begin({ v: 1, id, kind, startedAt });
    onFault('drill_started', `a drill is held: ${what[kind]}, for ${Math.round(lastsMs / 1_000)} s`, {
      id,
      kind,
      forMs: lastsMs,
    });
    const state: DrillState = { id, kind, startedAt, endsAt: startedAt + lastsMs, state: 'running', done: '' };
    this.#state = state;
    try {
      this.#state = { ...state, done: await this.#make(kind) };
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    logger.warn({ id, kind, lastsMs }, 'a drill is held');
    this.#timer = clock.setTimeout(() => {
      this.end().catch((error) => logger.error({ error: String(error) }, 'a drill could not be taken back'));
    }, lastsMs);
    return this.#state;
  }

  async #make(kind: DrillKind): Promise<string> {
    const { skew, broker, minFreeBytes, dataDir, lookAtDisk, restart, clock } = this.#options;
    const line = lineFaults[kind];
    if (line) {
      await this.#openLine(line.fault);
      return line.done;
    }
    switch (kind) {
      case 'broker-restart':
        this.#undo = () => broker.start();
        await broker.stop();
        return "the hall's own broker was stopped, and started again at the end";
      case 'clock-jump': {
        this.#undo = async () => {
          skew.skewMs = 0;
        };
        skew.skewMs = clockJumpMs;
        // Ends by what did not jump; told to people in their own time.
        return "the agent's clock was set 20 minutes ahead, and back at the end";
      }
      case 'disk-full': {
        const bytes = await ballastFor(dataDir, minFreeBytes);
        if (typeof bytes === 'string') throw new HubError('unsupported', bytes);
        this.#undo = async () => {
          this.files.undo();
          await lookAtDisk();
        };
        await takeBallast(this.files.ballast, bytes);
        await lookAtDisk();
        return `${Math.round(bytes / 1_048_576).toLocaleString('en-US')} MiB of the disk were taken, down to the reserve`;
      }
      default:
        // The answer goes out first.
        clock.setTimeout(() => (hasServiceManager() ? process.kill(process.pid, 'SIGKILL') : restart?.()), 500);
        return hasServiceManager()
          ? 'the agent was killed (kill -9) and started again by the service manager'
          : 'the agent stopped and was made anew in its process: nothing here starts a killed one again';
    }
  }

  async #openLine(fault: LineFault): Promise<void> {
    const { uplinkTarget, reconnect, clock } = this.#options;
    const target = uplinkTarget();
    if (!target) throw new HubError('unsupported', 'this unit has no line to the cloud');
    const line = await FaultyLine.open(target, { clock });
    this.#line = line;
    this.#undo = async () => line.set({});
    // Over the good line first: what is cut is a session that works.
    await reconnect();
    line.set(fault);
  }

  async #takeBack(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const undo = this.#undo;
    this.#undo = undefined;
    try {
      await undo?.();
    } finally {
      if (this.#state?.state === 'running') this.#state = { ...this.#state, state: 'undone' };
    }
    this.files.undo();
  }

  async #dropLine(): Promise<void> {
    const line = this.#line;
    if (!line) return;
    this.#line = undefined;
    await this.#options.reconnect();
    await line[Symbol.asyncDispose]();
  }

  async #notHere(kind: DrillKind): Promise<string | undefined> {
    const { uplinkTarget, broker, dataDir, minFreeBytes, restart } = this.#options;
    if (kind in lineFaults)
      return uplinkTarget() ? undefined : 'this unit is not enrolled, it has no line to the cloud';
    if (kind === 'broker-restart') return broker.isOwn ? undefined : 'the broker of this hall is not the unit’s own';
    if (kind === 'disk-full') {
      const bytes = await ballastFor(dataDir, minFreeBytes);
      return typeof bytes === 'string' ? bytes : undefined;
    }
    if (kind === 'restart-agent')
      return restart || hasServiceManager() ? undefined : 'nothing would start the agent again';
    return undefined;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(action, action);
    this.#changing = done.catch(() => undefined);
    return done;
  }
}
