import { Backoff, type Clock } from '@hallhub/shared';
import { planFfmpeg } from './ffmpeg-plan.js';
import { type FfmpegEnd, type FfmpegFigures, runFfmpeg } from './ffmpeg-run.js';
import type { FragmentStream } from './fragment-stream.js';
import type { Picture } from './picture.js';
import { type SourceReason, type SourceState, stateOf } from './source-state.js';
import type { StreamAddress } from './stream-address.js';

export interface CameraSourceOptions {
  readonly cameraId: string;
  readonly address: StreamAddress;
  readonly fps: number;
  readonly clock: Clock;
  readonly fragments: FragmentStream;
  readonly onPicture: (picture: Picture) => void;
  readonly onState: (state: SourceState) => void;
  /** Longer side of the pictures, px. */
  readonly sidePx?: number;
  readonly program?: string;
  readonly hardware?: readonly string[];
  readonly startWithinMs?: number;
  readonly silentAfterMs?: number;
  readonly random?: () => number;
}

export interface SourceFigures {
  readonly starts: number;
  /** Of pictures to look at, and of the stream, a second, of late. */
  readonly picturesPerSecond: number;
  readonly streamFps: number;
  readonly streamKbps: number;
  readonly decodeErrors: number;
  readonly isRecordable: boolean;
  readonly isHardware: boolean;
  readonly pid: number | undefined;
}

/** A run that played so long was a good one: its end is retried quickly. */
const goodRunMs = 10_000;
const manyErrors = 20;
const fewErrors = 3;

/** Keeps one camera's ffmpeg running: what ends is tried again with back-off, where the password is wrong seldom (cameras lock accounts). */
export class CameraSource {
  readonly #options: Required<CameraSourceOptions>;
  readonly #backoff: Backoff;
  readonly #refusals: Backoff;
  #state: SourceState;
  #starts = 0;
  #seq = 0;
  #copy = true;
  #useHardware: boolean;
  #rates = { picturesPerSecond: 0, streamFps: 0, streamKbps: 0 };
  #last: (FfmpegFigures & { readonly atMs: number }) | undefined;
  #errorsBefore = 0;

  constructor(options: CameraSourceOptions) {
    const defaults = { sidePx: 640, program: 'ffmpeg', hardware: [], random: Math.random };
    this.#options = { ...defaults, startWithinMs: 20_000, silentAfterMs: 10_000, ...options };
    const { random } = this.#options;
    this.#backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0.3, random });
    this.#refusals = new Backoff({ firstMs: 300_000, maxMs: 3_600_000, jitter: 0.2, random });
    this.#useHardware = this.#options.hardware.length > 0;
    this.#state = { state: 'connecting', since: options.clock.now() };
  }

  get state(): SourceState {
    return this.#state;
  }

  get figures(): SourceFigures {
    return {
      starts: this.#starts,
      ...this.#rates,
      decodeErrors: this.#errorsBefore + (this.#last?.decodeErrors ?? 0),
      isRecordable: this.#copy,
      isHardware: this.#useHardware,
      pid: this.#last?.pid,
    };
  }

  /** Plays until the signal aborts, or a file that is not to be looped has ended. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, address } = this.#options;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const end = await this.#play(signal);
      if (signal.aborted || end.reason === undefined) break;
      const playedMs = clock.monotonicMs() - startedMs;
      const wasGood = this.#last !== undefined && this.#last.pictures > 0 && playedMs >= goodRunMs;
      this.#forgetRun();
      if (end.reason === 'ended' && address.kind === 'file' && !address.loop) {
        this.#set('ended', end.detail);
        return;
      }
      const pauseMs = this.#pauseAfter(end.reason, wasGood);
      this.#set(end.reason, end.detail);
      await clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  async #play(signal: AbortSignal): Promise<FfmpegEnd> {
    const { cameraId, address, fps, sidePx, clock, fragments, program, hardware, startWithinMs, silentAfterMs } =
      this.#options;
    this.#starts += 1;
    const plan = planFfmpeg({
      ...{ address, fps, sidePx, copy: this.#copy, networkTimeoutMs: silentAfterMs },
      hardware: this.#useHardware ? hardware : [],
    });
    const end = await runFfmpeg({
      ...{ program, plan, clock, signal, startWithinMs, silentAfterMs },
      onInit: (init) => fragments.begin(init),
      onFragment: (fragment) => fragments.push(fragment),
      onPicture: (picture) => {
        if (this.#state.state !== 'playing' && this.#state.reason !== 'decode_errors') this.#set(undefined);
        this.#options.onPicture({ cameraId, atMs: clock.now(), seq: this.#seq++, ...picture });
      },
      onLook: (figures) => this.#look(figures),
    });
    fragments.end();
    return end;
  }

  #pauseAfter(reason: SourceReason, wasGood: boolean): number {
    if (wasGood) this.#backoff.reset();
    if (reason === 'wrong_credentials') return this.#refusals.nextMs();
    this.#refusals.reset();
    if (reason === 'not_recordable' && this.#copy) this.#copy = false;
    else if (reason === 'hardware_failed' && this.#useHardware) this.#useHardware = false;
    else if (reason === 'picture_changed' && this.#backoff.attempt === 0) return this.#backoff.nextMs() / 10;
    else return this.#backoff.nextMs();
    return 100;
  }

  #look(figures: FfmpegFigures): void {
    const atMs = this.#options.clock.monotonicMs();
    const last = this.#last;
    this.#last = { ...figures, atMs };
    const stepS = last ? (atMs - last.atMs) / 1_000 : 0;
    if (last && stepS > 0) {
      const follow = (was: number, now: number) => (was === 0 ? now : was + (now - was) * 0.2);
      const { picturesPerSecond, streamFps, streamKbps } = this.#rates;
      this.#rates = {
        picturesPerSecond: follow(picturesPerSecond, (figures.pictures - last.pictures) / stepS),
        streamFps: follow(streamFps, (figures.fragments - last.fragments) / stepS),
        streamKbps: follow(streamKbps, ((figures.fragmentBytes - last.fragmentBytes) * 8) / 1_000 / stepS),
      };
    }
    const { state, reason } = this.#state;
    if (state === 'playing' && figures.recentDecodeErrors >= manyErrors) this.#set('decode_errors');
    else if (reason === 'decode_errors' && figures.recentDecodeErrors <= fewErrors) this.#set(undefined);
  }

  #forgetRun(): void {
    this.#errorsBefore += this.#last?.decodeErrors ?? 0;
    this.#last = undefined;
    this.#rates = { picturesPerSecond: 0, streamFps: 0, streamKbps: 0 };
  }

  #set(reason: SourceReason | undefined, detail?: string): void {
    const state = reason === undefined ? 'playing' : stateOf[reason];
    if (this.#state.state === state && this.#state.reason === reason) return;
    this.#state = {
      state,
      since: this.#options.clock.now(),
      ...(reason ? { reason } : {}),
      ...(detail ? { detail } : {}),
    };
    this.#options.onState(this.#state);
  }
}
