import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import type { Row } from '@hallhub/shared/wire';
import { laneNames } from '@hallhub/shared/wire';
import { ClockSegments, Outbox, SpaceKeeper } from '../../../../edge/src/outbox/index.js';
import { silentLogger } from '../../../../edge/src/ports/index.js';
import { Store } from '../../../../edge/src/store/index.js';
import { MqttTransport, Uplink } from '../../../../edge/src/uplink/index.js';
import { openTcpProxy, type TcpProxy } from '../../faults/tcp-proxy.js';
import { DrillClock } from './drill-clock.js';
import type { UnitSpec, UnitState } from './worker-contract.js';

/** Numbers of one life of the process; the next life's begin a million later, whatever was not acknowledged. */
const lifeSize = 1_000_000;
const eventEvery = 5;
const smallMinFreeBytes = 4 * 1_048_576;

export interface DrillUnitOptions {
  readonly spec: UnitSpec;
  readonly brokerPort: number;
  readonly everyMs: number;
  readonly random: () => number;
}

/** A unit without a hall around it: store, outbox and uplink are the unit's own, and a device that keeps book of what it was promised. */
export class DrillUnit {
  readonly spec: UnitSpec;
  readonly clock = new DrillClock();
  readonly line: TcpProxy;
  readonly #options: DrillUnitOptions;
  readonly #store: Store;
  readonly #segments: ClockSegments;
  readonly #outbox: Outbox;
  readonly #uplink: Uplink;
  readonly #space: SpaceKeeper;
  readonly #book: number;
  readonly #stopping = new AbortController();
  readonly #chores: Promise<void>[] = [];
  #next: number;
  #acknowledged = 0;
  #refused = 0;
  #filled = 0;
  #isQuiet = false;

  private constructor(options: DrillUnitOptions, line: TcpProxy) {
    const { spec } = options;
    this.#options = options;
    this.spec = spec;
    this.line = line;
    const { clock } = this;
    const lives = readBook(spec.bookFile).filter((entry) => entry.startsWith('b ')).length;
    this.#book = openSync(spec.bookFile, 'a');
    this.#next = lives * lifeSize;
    this.#note(`b ${lives}`);
    const bootId = uuidv7();
    this.#store = new Store({
      dataDir: spec.dataDir,
      clock,
      logger: silentLogger,
      onStatus: ({ state }) => void (state === 'full' && this.#space.look()),
    });
    const store = this.#store;
    this.#segments = new ClockSegments({ hub: store.hub, clock, bootId, logger: silentLogger });
    const segments = this.#segments;
    this.#outbox = new Outbox({ store, unitId: spec.unitId, clock, segments, logger: silentLogger });
    const outbox = this.#outbox;
    this.#space = new SpaceKeeper({
      ...{ store, outbox, clock, logger: silentLogger },
      minFreeBytes: spec.isSmall ? smallMinFreeBytes : 0,
      freeBytes: async () => {
        const { bavail, bsize } = await statfs(spec.dataDir);
        return bavail * bsize;
      },
      onFault: () => {},
    });
    this.#uplink = new Uplink({
      ...{ bootId, outbox, segments, clock, logger: silentLogger },
      unitId: spec.unitId,
      secret: spec.secret,
      software: 'drill',
      transport: new MqttTransport({
        url: `mqtt://127.0.0.1:${line.port}`,
        unitId: spec.unitId,
        secret: spec.secret,
      }),
      vitals: () => ({
        disk: null,
        runwayMs: null,
        memoryBytes: process.memoryUsage.rss(),
        devices: { online: 1, offline: 0, quarantined: 0 },
      }),
      onCommand: () => {},
      onFault: () => {},
    });
  }

  static async open(options: DrillUnitOptions): Promise<DrillUnit> {
    const line = await openTcpProxy({ port: options.brokerPort });
    const unit = new DrillUnit(options, line);
    await unit.#outbox.adopt(options.spec.unitId);
    unit.#uplink.start();
    unit.#run();
    return unit;
  }

  get state(): UnitState {
    const lanes = laneNames.map((lane) => this.#outbox.lane(lane));
    return {
      index: this.spec.index,
      uplink: this.#uplink.status.state,
      pending: lanes.reduce((sum, { rows }) => sum + rows, 0),
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      thinned: laneNames.reduce((sum, lane) => sum + this.#outbox.thinned[lane], 0),
      filled: this.#filled,
    };
  }

  quiet(): void {
    this.#isQuiet = true;
  }

  /** Closes the hours that are open, as the turn of the hour does. */
  async seal(offsetMs: number): Promise<void> {
    this.clock.offsetMs = offsetMs;
    this.#segments.check();
    await this.#outbox.tellSeals();
  }

  /** Takes all the room there is, and gives it back. Only where the file system is the unit's own. */
  async fill(forMs: number): Promise<void> {
    if (!this.spec.isSmall) return;
    const ballast = join(this.spec.dataDir, '..', 'ballast');
    this.#filled += 1;
    try {
      const file = openSync(ballast, 'w');
      const block = Buffer.alloc(256 * 1_024, 1);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
      await this.clock.sleep(forMs, this.#stopping.signal).catch(() => undefined);
    } finally {
      rmSync(ballast, { force: true });
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    await this.#uplink.stop();
    await Promise.allSettled(this.#chores);
    this.#store.close();
    closeSync(this.#book);
    await this.line[Symbol.asyncDispose]();
  }

  #run(): void {
    const every = (work: () => Promise<unknown>, periodMs: () => number) => {
      const loop = async () => {
        for (;;) {
          await this.clock.sleep(periodMs(), this.#stopping.signal);
          await work();
        }
      };
      this.#chores.push(loop().catch((error) => this.#failed(error)));
    };
    const { everyMs, random } = this.#options;
    every(
      () => this.#produce(),
      () => everyMs * (0.5 + random()),
    );
    every(
      () => this.#outbox.tellSeals().catch(() => undefined),
      () => 30_000 * (0.8 + 0.4 * random()),
    );
    if (!this.spec.isSmall) return;
    every(
      () => this.#space.look(),
      () => (this.#store.status.state === 'full' ? 2_000 : 10_000),
    );
  }

  #failed(error: unknown): void {
    if (!this.#stopping.signal.aborted) throw error;
  }

  async #produce(): Promise<void> {
    if (this.#isQuiet) return;
    const { deviceId } = this.spec;
    const at = this.clock.now();
    const n = ++this.#next;
    if (n === 1) {
      const told = await this.#write('events', this.#deviceRow(at));
      // An event of a device that the cloud never heard of would be put aside.
      if (!told) this.#next = 0;
      return;
    }
    const value: Row = { kind: 'sample', at, deviceId, values: { n } };
    if (await this.#write(this.#outbox.telemetryLane(), value)) this.#note(`v ${n}`);
    if (n % eventEvery !== 0) return;
    const id = uuidv7();
    const event: Row = { kind: 'event', at, id, deviceId, event: 'drillTick', severity: 'info', data: { n } };
    if (await this.#write('events', event)) this.#note(`e ${id}`);
  }

  async #write(lane: 'events' | 'live' | 'backlog', row: Row): Promise<boolean> {
    try {
      await this.#outbox.write(lane, row);
      this.#acknowledged += 1;
      return true;
    } catch {
      this.#refused += 1;
      return false;
    }
  }

  #deviceRow(at: number): Row {
    const { deviceId, serial } = this.spec;
    return {
      ...{ kind: 'device', at, deviceId, revision: 1, state: 'active', deviceClass: 'energy-meter' },
      identity: { vendor: 'drill', model: 'ticker', serial },
      ...{ protocol: 'mqtt', address: serial },
    };
  }

  /** Reaches the kernel at once: a killed process has not forgotten it. */
  #note(entry: string): void {
    writeSync(this.#book, `${entry}\n`);
  }
}

export const readBook = (file: string): string[] => {
  if (!statSync(file, { throwIfNoEntry: false })) return [];
  // The last line of a killed process may be a half one.
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
};

export const pause = (ms: number): Promise<void> => systemClock.sleep(ms);
