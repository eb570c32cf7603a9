import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, toHubError } from '@hallhub/shared';
import type { FfmpegPlan } from './ffmpeg-plan.js';
import { fragmentPipe } from './ffmpeg-plan.js';
import { FfmpegTalk } from './ffmpeg-talk.js';
import type { Fragment, InitSegment } from './fragment.js';
import { FragmentReader } from './fragment-reader.js';
import { PpmReader, type RgbPicture } from './ppm-reader.js';
import type { SourceReason } from './source-state.js';

export interface FfmpegRunOptions {
  readonly program: string;
  readonly plan: FfmpegPlan;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Until the first picture. */
  readonly startWithinMs: number;
  /** Between two of them. */
  readonly silentAfterMs: number;
  readonly onPicture: (picture: RgbPicture) => void;
  readonly onInit: (init: InitSegment) => void;
  readonly onFragment: (fragment: Fragment) => void;
  /** About once a second. */
  readonly onLook?: (run: FfmpegFigures) => void;
}

export interface FfmpegFigures {
  readonly pictures: number;
  readonly fragments: number;
  readonly fragmentBytes: number;
  readonly decodeErrors: number;
  readonly recentDecodeErrors: number;
  readonly timeJumps: number;
  readonly pid: number | undefined;
}

export interface FfmpegEnd {
  /** Undefined: it was stopped. */
  readonly reason: SourceReason | undefined;
  readonly detail?: string;
}

const lookEveryMs = 1_000;
const politeMs = 800;
const keptEnvironment = ['PATH', 'LD_LIBRARY_PATH', 'LIBVA_DRIVER_NAME', 'LIBVA_DRIVERS_PATH', 'TZ'];

/** Runs one ffmpeg until it ends, is stopped, or sends nothing for too long. Resolves when the process is gone; never throws. */
export const runFfmpeg = (options: FfmpegRunOptions): Promise<FfmpegEnd> => new FfmpegRun(options).done;

class FfmpegRun {
  readonly done: Promise<FfmpegEnd>;
  readonly #options: FfmpegRunOptions;
  readonly #talk: FfmpegTalk;
  readonly #child: ChildProcess;
  readonly #timers = new AbortController();
  readonly #counts = { pictures: 0, fragments: 0, fragmentBytes: 0 };
  readonly #fragments: FragmentReader;
  #end: FfmpegEnd | undefined;
  #startedMs: number;
  #bytesMs: number;
  #pictureMs: number;

  constructor(options: FfmpegRunOptions) {
    this.#options = options;
    const { program, plan, clock, signal } = options;
    this.#talk = new FfmpegTalk(() => clock.monotonicMs());
    this.#startedMs = this.#bytesMs = this.#pictureMs = clock.monotonicMs();
    this.#fragments = new FragmentReader({
      now: () => clock.now(),
      onInit: options.onInit,
      onFragment: (fragment) => {
        this.#counts.fragments += 1;
        this.#counts.fragmentBytes += fragment.bytes.length;
        if (options.plan.isCopyOnly) {
          this.#counts.pictures += 1;
          this.#pictureMs = this.#bytesMs;
        }
        options.onFragment(fragment);
      },
    });
    const kept = keptEnvironment.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
    this.#child = spawn(program, plan.args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(kept), LC_ALL: 'C' },
    });
    this.done = this.#run();
    const stop = () => this.#stop({ reason: undefined });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    void this.done.finally(() => signal.removeEventListener('abort', stop));
  }

  #run(): Promise<FfmpegEnd> {
    const child = this.#child;
    const pictures = new PpmReader();
    child.stdin?.on('error', () => undefined).end(this.#options.plan.script ?? '');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#talk.push(text));
    this.#read(child.stdout, (chunk) => {
      for (const picture of pictures.push(chunk)) {
        this.#counts.pictures += 1;
        this.#pictureMs = this.#bytesMs;
        this.#options.onPicture(picture);
      }
    });
    this.#read(child.stdio[fragmentPipe] as Readable | null, (chunk) => this.#fragments.push(chunk));
    void this.#watch();
    return new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        this.#end ??= { reason: error.code === 'ENOENT' ? 'no_ffmpeg' : 'crashed', detail: error.code ?? 'spawn' };
        if (child.pid === undefined) finish();
      });
      const finish = () => {
        this.#timers.abort();
        resolve(this.#end ?? this.#ownEnd());
      };
      child.on('close', finish);
    });
  }

  #ownEnd(): FfmpegEnd {
    const { reason, lastLine: detail } = this.#talk;
    const { exitCode, signalCode } = this.#child;
    const played = this.#counts.pictures > 0;
    return {
      reason: reason ?? (signalCode || (exitCode !== 0 && !played) ? 'crashed' : 'ended'),
      ...(detail === undefined ? {} : { detail }),
    };
  }

  #read(pipe: Readable | null, take: (chunk: Uint8Array) => void): void {
    pipe?.on('error', () => undefined);
    pipe?.on('data', (chunk: Uint8Array) => {
      if (this.#end) return;
      this.#bytesMs = this.#options.clock.monotonicMs();
      try {
        take(chunk);
      } catch (caught) {
        const error = toHubError(caught);
        this.#stop({ reason: error.code === 'gone' ? 'picture_changed' : 'bad_data', detail: error.message });
      }
    });
  }

  /** A process that was told to end is asked first: the camera's session is closed then, and not kept until it times out. */
  #stop(end: FfmpegEnd): void {
    this.#end ??= end;
    this.#timers.abort();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), politeMs);
    this.#child.once('close', () => clearTimeout(force));
  }

  async #watch(): Promise<void> {
    const { clock, startWithinMs, silentAfterMs, onLook } = this.#options;
    for (;;) {
      const beforeMs = clock.monotonicMs();
      try {
        await clock.sleep(lookEveryMs, this.#timers.signal);
      } catch {
        return;
      }
      const nowMs = clock.monotonicMs();
      // We were held up ourselves (a stopped process, a machine asleep): that is not the camera's silence.
      const heldUpMs = Math.max(0, nowMs - beforeMs - 2 * lookEveryMs);
      this.#startedMs += heldUpMs;
      this.#bytesMs += heldUpMs;
      this.#pictureMs += heldUpMs;
      onLook?.(this.figures);
      const limitMs = this.#counts.pictures > 0 ? silentAfterMs : startWithinMs;
      if (nowMs - this.#bytesMs > limitMs) this.#stop(this.#late('no_bytes'));
      else if (nowMs - this.#pictureMs > 1.5 * limitMs) this.#stop(this.#late('no_pictures'));
    }
  }

  #late(reason: SourceReason): FfmpegEnd {
    const detail = this.#talk.lastLine;
    return {
      reason: this.#counts.pictures > 0 ? reason : (this.#talk.reason ?? reason),
      ...(detail ? { detail } : {}),
    };
  }

  get figures(): FfmpegFigures {
    const { decodeErrors, recentDecodeErrors } = this.#talk;
    return {
      ...this.#counts,
      decodeErrors,
      recentDecodeErrors,
      timeJumps: this.#fragments.timeJumps,
      pid: this.#child.pid,
    };
  }
}
