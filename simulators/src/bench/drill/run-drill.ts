import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { addFigures, noFigures, type ProofFigures } from '@hallhub/shared/proof';
import { ApiClient } from '../../e2e/api-client.js';
import { waitUntil } from '../../e2e/wait-until.js';
import { seededRandom } from '../../random.js';
import { compareDrillBooks, type DrillBook } from './drill-books.js';
import { type DrillBroker, openDrillBroker } from './drill-broker.js';
import { DrillCloud } from './drill-cloud.js';
import { type DrillDatabase, openDrillDatabase } from './drill-database.js';
import { type PlannedFault, planFaults } from './drill-plan.js';
import type { UnitSpec } from './worker-contract.js';
import { WorkerProcess } from './worker-process.js';

export interface DrillOptions {
  readonly units: number;
  readonly forMs: number;
  readonly seed: number;
  /** Mean time between two values of a unit's device. */
  readonly everyMs: number;
  readonly unitsPerProcess: number;
  readonly catchUpMs: number;
  /** The cloud in its compiled form. */
  readonly built: boolean;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface DrillResult {
  readonly seed: number;
  readonly units: number;
  readonly faultMs: number;
  readonly catchUpMs: number;
  /** How often each fault was made. */
  readonly faults: Readonly<Record<string, number>>;
  /** What this machine does not allow, and why. */
  readonly notPossible: readonly string[];
  readonly figures: ProofFigures;
  /** Units where the cloud's proof does not say produced = stored + aside + thinned, nothing lost, twice or on the way. */
  readonly unproven: readonly { readonly unitId: string; readonly verdict: string; readonly figures: ProofFigures }[];
  readonly books: {
    readonly acknowledged: number;
    readonly missing: number;
    readonly double: number;
    readonly quarantined: number;
  };
  /** Units whose devices' books do not agree with the cloud's tables. */
  readonly badBooks: readonly DrillBook[];
  readonly refusedWrites: number;
  /** Cloud processes that ended by themselves: while they started (a database that is away), and later. */
  readonly cloudEnds: { readonly starting: number; readonly running: number };
  readonly rss: { readonly cloudBytes: readonly number[]; readonly unitsBytes: number };
}

export const isProven = ({ unproven, badBooks }: DrillResult): boolean =>
  unproven.length === 0 && badBooks.length === 0;

const password = 'A drill of our own 1';
/** One in so many units keeps its store on a small file system of its own, which is filled. */
const smallEvery = 30;
const smallBytes = 40 * 1_048_576;
const maxClockMs = 7_200_000;

/** Units under every fault at once, and then: is everything there, once? Throws only where the drill itself could not be held. */
export const runDrill = async (options: DrillOptions): Promise<DrillResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-drill-'));
  chmodSync(folder, 0o755);
  await using bench = await Bench.open(folder, options);
  return await bench.run();
};

class Bench implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: DrillOptions;
  readonly #random: () => number;
  /** What is to be ended, last first. */
  readonly #kept: AsyncDisposable[] = [];
  readonly #mounts: string[] = [];
  readonly #notPossible: string[] = [];
  readonly #counts: Record<string, number> = {};
  #database!: DrillDatabase;
  #broker!: DrillBroker;
  #clouds: DrillCloud[] = [];
  #units: UnitSpec[] = [];
  #workers: WorkerProcess[] = [];

  private constructor(folder: string, options: DrillOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  static async open(folder: string, options: DrillOptions): Promise<Bench> {
    const bench = new Bench(folder, options);
    try {
      await bench.#open();
      return bench;
    } catch (error) {
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#kept.reverse()) await one[Symbol.asyncDispose]();
    for (const mount of this.#mounts) execFileSync('umount', ['-l', mount]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async run(): Promise<DrillResult> {
    const { forMs, units, seed, say, catchUpMs } = this.#options;
    const smallUnits = this.#units.filter(({ isSmall }) => isSmall).map(({ index }) => index);
    const plan = planFaults({ units, forMs, smallUnits, workers: this.#workers.length, random: this.#random });
    const startMs = performance.now();
    await this.#makeFaults(plan, startMs);
    const faultMs = performance.now() - startMs;
    say('the faults are over');
    const calmMs = performance.now();
    for (const worker of this.#workers) worker.order({ type: 'quiet' });
    await this.#drained('everything to arrive', catchUpMs);
    const caughtUpMs = performance.now() - calmMs;
    say(`all caught up after ${Math.round(caughtUpMs / 1_000)} s`);
    const hourMs = 3_600_000;
    // Beyond any hour that a wrong clock has opened.
    const offsetMs = Math.ceil((Date.now() + maxClockMs) / hourMs) * hourMs + hourMs + 1_000 - Date.now();
    for (const worker of this.#workers) await worker.seal(offsetMs);
    await this.#drained('the seals to arrive', catchUpMs);
    const proof = await this.#proof();
    const books = await compareDrillBooks(this.#units, this.#database);
    const totals = this.#workers.map((worker) => worker.totals);
    const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((all, item) => all + of(item), 0);
    return {
      ...{ seed, units, faultMs, catchUpMs: caughtUpMs, faults: this.#counts, notPossible: this.#notPossible },
      ...proof,
      books: {
        acknowledged: sum(books, (book) => book.acknowledgedValues + book.acknowledgedEvents),
        missing: sum(books, ({ missing }) => missing),
        double: sum(books, (book) => book.double),
        quarantined: sum(books, ({ quarantined }) => quarantined),
      },
      badBooks: books.filter((book) => book.double > 0 || book.missing > (proof.thinned.get(book.index) ?? 0)),
      refusedWrites: sum(totals, ({ refused }) => refused),
      cloudEnds: {
        starting: sum(this.#clouds, ({ failedStarts }) => failedStarts),
        running: sum(this.#clouds, ({ crashes }) => crashes),
      },
      rss: {
        cloudBytes: this.#clouds.map((cloud) => cloud.look()),
        unitsBytes: sum(this.#workers, ({ peakRssBytes }) => peakRssBytes),
      },
    };
  }

  async #open(): Promise<void> {
    const { say, built } = this.#options;
    say('a database, a broker and two cloud processes are started');
    this.#database = this.#keep(await openDrillDatabase(join(this.#folder, 'database')));
    this.#broker = this.#keep(await openDrillBroker(join(this.#folder, 'broker')));
    for (const name of ['cloud-a', 'cloud-b']) {
      const common = { databaseUrl: this.#database.url, brokerPort: this.#broker.port, built };
      mkdirSync(join(this.#folder, name));
      this.#clouds.push(this.#keep(await DrillCloud.make({ dataDir: join(this.#folder, name), ...common })));
    }
    for (const cloud of this.#clouds) await cloud.start();
    const teller = this.#clouds.find(({ firstUser }) => firstUser) as DrillCloud;
    const api = new ApiClient(teller.http);
    const { userName, oneTimePassword } = teller.firstUser as NonNullable<DrillCloud['firstUser']>;
    await api.signInFirst(userName, oneTimePassword, password);
    this.#userName = userName;
    await this.#makeUnits(api);
    await this.#startWorkers();
  }

  #userName = '';
  #foundations: Promise<void> = Promise.resolve();

  #keep<T extends AsyncDisposable>(one: T): T {
    this.#kept.push(one);
    return one;
  }

  async #makeUnits(api: ApiClient): Promise<void> {
    const { units, say } = this.#options;
    const region = await api.post<{ id: string }>('/places', { kind: 'region', name: '演练区', code: 'drill' });
    const hall = await api.post<{ id: string }>('/places', {
      ...{ kind: 'hall', parentId: region.id, name: '演练大厅', code: 'drill-hall' },
    });
    const canMount = this.#tryMount();
    mkdirSync(join(this.#folder, 'books'));
    for (let index = 0; index < units; index++) {
      const made = await api.post<{ unit: { id: string }; secret: string }>('/units', {
        name: `演练 ${String(index).padStart(4, '0')}`,
        hallId: hall.id,
      });
      const home = join(this.#folder, 'units', String(index));
      mkdirSync(home, { recursive: true });
      const isSmall = canMount && index % smallEvery === 0;
      if (isSmall) this.#mount(home);
      const dataDir = join(home, 'data');
      mkdirSync(dataDir);
      this.#units.push({
        ...{ index, isSmall, dataDir, unitId: made.unit.id, secret: made.secret, deviceId: uuidv7() },
        serial: `DRILL-${index}`,
        bookFile: join(this.#folder, 'books', String(index)),
      });
    }
    say(`${units} units are made`);
  }

  #tryMount(): boolean {
    const probe = join(this.#folder, 'mount-probe');
    mkdirSync(probe);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'pipe' });
      execFileSync('umount', [probe]);
      return true;
    } catch (error) {
      const reason = String((error as { stderr?: Buffer }).stderr ?? error).trim();
      this.#notPossible.push(`a disk that is full: a small file system cannot be mounted here (${reason})`);
      return false;
    }
  }

  #mount(home: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${smallBytes}`, 'tmpfs', home], { stdio: 'pipe' });
    this.#mounts.push(home);
  }

  async #startWorkers(): Promise<void> {
    const { unitsPerProcess, everyMs, seed } = this.#options;
    for (let first = 0; first < this.#units.length; first += unitsPerProcess) {
      const units = this.#units.slice(first, first + unitsPerProcess);
      const file = join(this.#folder, `worker-${first}.json`);
      writeFileSync(file, JSON.stringify({ brokerPort: this.#broker.port, everyMs, seed: seed + first, units }));
      const worker = new WorkerProcess(
        file,
        units.map(({ index }) => index),
      );
      this.#workers.push(this.#keep(worker));
      await worker.start();
    }
  }

  /** All that were begun are ended when it resolves. */
  async #makeFaults(plan: readonly PlannedFault[], startMs: number): Promise<void> {
    const { forMs, signal, say } = this.#options;
    const running: Promise<void>[] = [];
    const failures: unknown[] = [];
    let begun = 0;
    for (const planned of plan) {
      const waitMs = startMs + planned.atMs - performance.now();
      if (waitMs > 0) await systemClock.sleep(waitMs, signal);
      signal?.throwIfAborted();
      if (failures.length > 0) break;
      begun += 1;
      if (begun % 20 === 0) say(`${begun} of ${plan.length} faults, ${this.#inWords()}`);
      running.push(this.#make(planned, startMs + forMs).catch((error) => void failures.push(error)));
    }
    const restMs = startMs + forMs - performance.now();
    if (restMs > 0 && failures.length === 0) await systemClock.sleep(restMs, signal);
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
    for (const cloud of this.#clouds) await cloud.revive();
    for (const worker of this.#workers) {
      await worker.start();
      worker.order({ type: 'line', mode: 'pass', units: worker.units });
      worker.order({ type: 'clock', offsetMs: 0, units: worker.units });
    }
  }

  #inWords(): string {
    const states = this.#workers.flatMap((worker) => worker.states);
    const online = states.filter(({ uplink }) => uplink === 'online').length;
    return `${online} of ${this.#units.length} units online, ${states.reduce((sum, one) => sum + one.pending, 0)} rows on the way`;
  }

  /** What everybody stands on is disturbed one after the other, also where a start takes longer than was planned. */
  #make(planned: PlannedFault, endMs: number): Promise<void> {
    if (!['kill-cloud', 'kill-broker', 'stop-database'].includes(planned.fault.kind)) return this.#makeOne(planned);
    this.#foundations = this.#foundations.then(async () => {
      if (performance.now() < endMs) await this.#makeOne(planned);
    });
    return this.#foundations;
  }

  async #makeOne({ fault, forMs }: PlannedFault): Promise<void> {
    const { signal } = this.#options;
    const name = fault.kind === 'line' ? (fault.delayMs ? 'slow' : fault.mode) : fault.kind;
    const label = fault.kind === 'stop-database' ? `${name} (${fault.how})` : name;
    this.#counts[label] = (this.#counts[label] ?? 0) + 1;
    const rest = () => systemClock.sleep(forMs, signal);
    const tell = (order: Parameters<WorkerProcess['order']>[0]) => {
      for (const worker of this.#workers) worker.order(order);
    };
    switch (fault.kind) {
      case 'line': {
        const { units, mode, delayMs } = fault;
        tell({ type: 'line', units, mode, ...(delayMs ? { delayMs } : {}) });
        await rest();
        tell({ type: 'line', units, mode: 'pass' });
        return;
      }
      case 'lossy':
        tell({ type: 'lossy', units: fault.units, forMs });
        return await rest();
      case 'clock':
        tell({ type: 'clock', units: fault.units, offsetMs: fault.offsetMs });
        await rest();
        tell({ type: 'clock', units: fault.units, offsetMs: 0 });
        return;
      case 'fill':
        tell({ type: 'fill', units: fault.units, forMs });
        return await rest();
      case 'kill-units': {
        const worker = this.#workers[fault.worker] as WorkerProcess;
        if (!worker.isUp) return;
        await worker.kill();
        await systemClock.sleep(Math.min(forMs, 5_000), signal);
        return await worker.start();
      }
      case 'kill-cloud': {
        const cloud = this.#clouds[fault.which] as DrillCloud;
        await cloud.kill();
        await rest();
        return await cloud.start();
      }
      case 'kill-broker':
        await this.#broker.kill();
        await rest();
        return this.#broker.start();
      case 'stop-database':
        await this.#database.stop(fault.how);
        await rest();
        return await this.#database.start();
    }
  }

  async #drained(what: string, withinMs: number): Promise<void> {
    const since = performance.now();
    await waitUntil(
      what,
      () =>
        this.#workers.every(
          (worker) => worker.heardSince(since + 1_000) && worker.states.every(({ pending }) => pending === 0),
        ),
      { withinMs, everyMs: 500, seen: () => this.#stuck() },
    );
  }

  #stuck(): unknown {
    const states = this.#workers.flatMap((worker) => worker.states);
    const failures = this.#workers.flatMap(({ failure }) => failure ?? []);
    const clouds = this.#clouds.map((cloud) => cloud.log().slice(-2_000));
    return { units: states.filter(({ pending }) => pending > 0).slice(0, 20), failures, clouds };
  }

  async #proof() {
    const [cloud] = this.#clouds as [DrillCloud];
    const api = new ApiClient(cloud.http);
    await api.signIn(this.#userName, password);
    const day = (ms: number) => new Date(Date.now() + ms).toISOString().slice(0, 10);
    const query = new URLSearchParams({ from: day(-86_400_000), to: day(2 * 86_400_000) });
    const items = await api.all<{ unitId: string; verdict: string; figures: ProofFigures }>(`/proof?${query}`);
    const thinned = new Map<number, number>();
    const unproven: DrillResult['unproven'][number][] = [];
    let total = noFigures;
    for (const { index, unitId } of this.#units) {
      const item = items.find((one) => one.unitId === unitId);
      if (!item) throw new Error(`the cloud's proof does not know the unit ${unitId}`);
      const { figures: f, verdict } = item;
      thinned.set(index, f.thinned);
      total = addFigures(total, f);
      const adds = f.produced === f.stored + f.aside + f.thinned;
      const good = adds && f.lost + f.twice + f.waiting + f.aside === 0 && f.produced > 0 && verdict !== 'different';
      if (!good) unproven.push({ unitId, verdict, figures: f });
    }
    return { figures: total, unproven, thinned };
  }
}
