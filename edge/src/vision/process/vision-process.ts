import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Backoff, type Clock, type Timer, toHubError } from '@hallhub/shared';
import { canonicalJson } from '@hallhub/shared/proof';
import type { LiveForm } from '@hallhub/shared/vision';
import type { Logger } from '../../ports/index.js';
import type { LiveOrder } from '../live/live-order.js';
import type { EngineSnapshot } from '../rules/index.js';
import type { LiveExtras, Sight } from '../turning/sight-in-child.js';
import type {
  ClipOrder,
  FactValues,
  VisionWorker,
  VisionWorkerListener,
  WatchSettings,
  WatchStatus,
} from '../vision-worker.js';
import { type ChildProblem, ChildRun } from './child-run.js';
import type { Beat, FromChild } from './ipc-contract.js';
import { beatFigures, cameraFigures, type ProcessCameraFigures, type VisionStatus } from './process-figures.js';

export interface VisionProcessOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly listener: VisionWorkerListener;
  readonly onFault: (code: string, message: string, context?: Readonly<Record<string, unknown>>) => void;
  /** Of the child's main; for tests. */
  readonly entry?: string;
  readonly startWithinMs?: number;
  readonly stuckAfterMs?: number;
  readonly maxMemoryBytes?: number;
  readonly firstBackoffMs?: number;
}

const goodRunMs = 60_000;
const noFfmpegRetryMs = 60_000;
const ffmpegHint = 'apt-get install ffmpeg';
const ownEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './vision-main.ts' : './vision-main.js', import.meta.url),
);

/** Keeps the child process running while there is a camera to watch: a crash costs pictures of some seconds and the hall nothing. */
export class VisionProcess implements VisionWorker {
  readonly #options: VisionProcessOptions;
  readonly #backoff: Backoff;
  #settings: WatchSettings | undefined;
  #facts: FactValues = {};
  #run: ChildRun | undefined;
  #startedMs = 0;
  #beat: Beat | undefined;
  #restarts = 0;
  #state: WatchStatus['state'] = 'off';
  #reason: { reason?: string; hint?: string } = {};
  #retry: Timer | undefined;
  #base = '';
  #isReady = false;
  #stopped = false;
  #turn: Promise<void> = Promise.resolve();
  /** Of cameras that turn: a new child is told before it looks. */
  readonly #sights = new Map<string, Sight>();
  /** Of cameras that somebody looks at. */
  readonly #extras = new Map<string, LiveExtras>();
  /** What rules remember, by camera and view, newer than in the settings. */
  readonly #kept = new Map<string, EngineSnapshot>();

  constructor(options: VisionProcessOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: options.firstBackoffMs ?? 1_000, maxMs: 60_000 });
  }

  get status(): VisionStatus {
    return {
      ...{ state: this.#state, ...this.#reason, restarts: this.#restarts },
      ...(this.#run ? { pid: this.#run.pid } : {}),
      ...beatFigures(this.#beat),
      cameras: (this.#settings?.cameras ?? []).map(({ cameraId, vision }) => this.#figures(cameraId, vision.enabled)),
    };
  }

  apply(settings: WatchSettings | undefined): void {
    if (this.#stopped) return;
    const cameras = settings?.cameras.filter(({ vision }) => vision.enabled) ?? [];
    this.#settings = cameras.length > 0 ? settings : undefined;
    const known = new Set((this.#settings?.cameras ?? []).map(({ cameraId }) => cameraId));
    for (const key of this.#kept.keys()) if (!known.has(key.split(' ')[0] as string)) this.#kept.delete(key);
    this.#backoff.reset();
    this.#inTurn(() => this.#settle());
  }

  tellFacts(facts: FactValues): void {
    this.#facts = facts;
    if (this.#isReady) this.#run?.send({ type: 'facts', facts });
  }

  /** Null: nothing turns it. */
  tellSight(cameraId: string, sight: Sight | null): void {
    if (sight) this.#sights.set(cameraId, sight);
    else this.#sights.delete(cameraId);
    if (this.#isReady) this.#run?.send({ type: 'sight', cameraId, sight });
  }

  /** For who looks. */
  tellExtras(cameraId: string, extras: LiveExtras): void {
    if (extras.tracks || extras.sight) this.#extras.set(cameraId, extras);
    else this.#extras.delete(cameraId);
    if (this.#isReady) this.#run?.send({ type: 'extras', cameraId, extras });
  }

  orderClip(order: ClipOrder): void {
    this.#run?.send({ type: 'clip', order });
  }

  /** False: that camera is not watched. */
  startLive(order: LiveOrder): boolean {
    const isWatched =
      this.#settings?.cameras.some(({ cameraId, vision }) => cameraId === order.cameraId && vision.enabled) ?? false;
    if (!isWatched || !this.#run || !this.#isReady) return false;
    this.#run.send({ type: 'live', order });
    return true;
  }

  stopLive(cameraId: string, form: LiveForm): void {
    this.#run?.send({ type: 'live_end', cameraId, form });
  }

  /** Ends within 3 s. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#settings = undefined;
    this.#retry?.cancel();
    this.#inTurn(() => this.#end());
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): void {
    // A machine without memory or descriptors left cannot even make a process: that is no reason for the agent to end.
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      const message = `the vision process cannot be started: ${toHubError(error).message}`;
      this.#startAgain({ code: 'vision_crashed', message, said: '' });
    });
  }

  /** Brings the process to what is wanted. */
  async #settle(): Promise<void> {
    const settings = this.#settings;
    if (!settings) {
      await this.#end();
      return;
    }
    const { zone, placeName, cameras, ...base } = settings;
    const wanted = canonicalJson(base);
    if (this.#run && wanted !== this.#base) await this.#end();
    this.#base = wanted;
    if (this.#run) this.#sendSettings();
    else await this.#start(settings);
  }

  async #start({ ffmpeg }: WatchSettings): Promise<void> {
    this.#retry?.cancel();
    if (!(await canRun(ffmpeg))) {
      this.#set('waiting', { reason: 'no_ffmpeg', hint: ffmpegHint });
      this.#retryIn(noFfmpegRetryMs);
      return;
    }
    if (this.#stopped || !this.#settings) return;
    const { clock, entry, startWithinMs, stuckAfterMs, maxMemoryBytes } = this.#options;
    this.#startedMs = clock.monotonicMs();
    this.#isReady = false;
    this.#set('starting');
    const run: ChildRun = new ChildRun({
      ...{ clock, entry: entry ?? ownEntry, startWithinMs: startWithinMs ?? 60_000 },
      ...{ stuckAfterMs: stuckAfterMs ?? 20_000, maxMemoryBytes: maxMemoryBytes ?? 2 * 1024 ** 3 },
      onReady: () => {
        this.#isReady = true;
        run.send({ type: 'beat', atMs: Math.round(clock.now()) });
        run.send({ type: 'facts', facts: this.#facts });
        for (const [cameraId, sight] of this.#sights) run.send({ type: 'sight', cameraId, sight });
        for (const [cameraId, extras] of this.#extras) run.send({ type: 'extras', cameraId, extras });
        this.#sendSettings();
      },
      onMessage: (message) => this.#hear(message),
      onRefused: (what) =>
        this.#options.onFault('vision_news_refused', `what the vision process said is not understood: ${what}`),
      onExit: (problem) => this.#exited(run, problem),
    });
    this.#run = run;
  }

  #sendSettings(): void {
    const settings = this.#settings;
    if (!settings || !this.#isReady) return;
    const cameras = settings.cameras.map((camera) => {
      const kept = camera.kept.filter(({ viewId }) => !this.#kept.has(`${camera.cameraId} ${viewId}`));
      const newer = camera.vision.views.flatMap(({ id }) => this.#kept.get(`${camera.cameraId} ${id}`) ?? []);
      return { ...camera, kept: [...kept, ...newer] };
    });
    this.#run?.send({ type: 'settings', settings: { ...settings, cameras } });
  }

  #hear(message: Exclude<FromChild, { type: 'ready' }>): void {
    const { logger, listener, onFault } = this.#options;
    switch (message.type) {
      case 'beat':
        this.#beat = message;
        if (this.#state !== 'running') this.#set('running');
        else listener.onStatus();
        break;
      case 'news': {
        const { news } = message;
        if (news.kind === 'outcomes' || news.kind === 'kept')
          this.#kept.set(`${news.cameraId} ${news.kept.viewId}`, news.kept);
        listener.onNews(news);
        break;
      }
      case 'fault':
        onFault(message.code, message.message, message.context);
        break;
      case 'log':
        logger[message.level](message.fields, message.message);
        break;
    }
  }

  #exited(run: ChildRun, problem: ChildProblem | undefined): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#beat = undefined;
    this.#isReady = false;
    if (problem) this.#startAgain(problem);
  }

  #startAgain(problem: ChildProblem): void {
    const { clock, logger, onFault } = this.#options;
    if (this.#stopped || !this.#settings) return;
    this.#restarts += 1;
    if (clock.monotonicMs() - this.#startedMs >= goodRunMs) this.#backoff.reset();
    const retryInMs = this.#backoff.nextMs();
    logger.error({ said: problem.said, retryInMs }, problem.message);
    onFault(problem.code, problem.message, { restarts: this.#restarts, said: lastLine(problem.said) });
    this.#set('waiting', { reason: problem.code });
    this.#retryIn(retryInMs);
  }

  #retryIn(ms: number): void {
    this.#retry?.cancel();
    this.#retry = this.#options.clock.setTimeout(() => this.#inTurn(() => this.#settle()), ms);
  }

  async #end(): Promise<void> {
    this.#retry?.cancel();
    const run = this.#run;
    this.#run = undefined;
    this.#beat = undefined;
    this.#isReady = false;
    await run?.stop();
    this.#set('off');
  }

  #set(state: WatchStatus['state'], reason: { reason?: string; hint?: string } = {}): void {
    this.#state = state;
    this.#reason = reason;
    this.#options.listener.onStatus();
  }

  #figures(cameraId: string, isEnabled: boolean): ProcessCameraFigures {
    const state = isEnabled && this.#state !== 'off' ? 'starting' : 'stopped';
    const none = { cameraId, since: this.#options.clock.now(), fps: 0, looked: 0, skipped: 0, people: 0, health: null };
    return cameraFigures(this.#beat, cameraId) ?? { ...none, state };
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

const canRun = (program: string): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(program, ['-version'], { timeout: 10_000 }, (error) =>
      resolve((error as NodeJS.ErrnoException | null)?.code !== 'ENOENT'),
    );
  });
