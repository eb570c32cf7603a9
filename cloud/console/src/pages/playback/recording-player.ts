import type { DaySpan } from '../../api/recordings.js';
import { FrameTimes } from './frame-times.js';
import { PictureBuffer } from './picture-buffer.js';
import { PictureIntake } from './picture-intake.js';
import { byKeys, nothingShown, type PlayerState, type Rate } from './player-state.js';
import { RecordingRun, Viewings, wait } from './recording-run.js';

interface PlayerOptions {
  deviceId: string;
  day: DaySpan;
  /** The last recorded moment at that time or before: where backward goes on behind a gap. */
  recordedBefore: (at: number) => number | undefined;
  onState: (state: PlayerState) => void;
}

const tickMs = 100;
const aheadS = 16;
const behindS = 30;
/** Of a time that is shown: inside its picture, not on its edge. */
const insideMs = 1;
const gapTellMs = 2_000;
const standsMs = 400;
/** What is left unshown at the end of a stretch, at most. */
const lastPicturesS = 0.6;
const mostWaitingBytes = 6 * 1_048_576;
const backWindowMs = 60_000;

/** Shows what one camera recorded of a day in a video element whose time is the day's. */
export class RecordingPlayer implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #options: PlayerOptions;
  readonly #buffer: PictureBuffer;
  readonly #frames = new FrameTimes();
  readonly #intake: PictureIntake;
  readonly #viewings: Viewings;
  #run: RecordingRun | undefined;
  #state: PlayerState = nothingShown;
  #wantsPlay = false;
  /** Where the run is to begin to be shown, until it is. */
  #target: number | undefined;
  #askedMs = 0;
  #jump: { at: number; cursor: string } | undefined;
  #isWhole = false;
  #pendingStep: 1 | undefined;
  /** By key pictures: the time that runs. */
  #keysAt = 0;
  #tickedMs = 0;
  #movedAt = { time: 0, ms: 0 };
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(video: HTMLVideoElement, options: PlayerOptions) {
    this.#video = video;
    this.#options = options;
    this.#viewings = new Viewings(options.deviceId, options.day);
    this.#buffer = new PictureBuffer(video, {
      seconds: (options.day.to - options.day.from) / 1_000,
      onChange: () => this.#place(),
      onFull: () => this.#trim(),
      onBroken: () => this.#setState({ status: 'codec' }),
    });
    this.#intake = new PictureIntake({
      ...{ buffer: this.#buffer, frames: this.#frames, from: options.day.from },
      onPicture: ({ width, height, codec }) => this.#setState({ size: { width, height }, codec }),
      onCannotPlay: () => {
        this.#run?.stop();
        this.#setState({ status: 'codec' });
      },
    });
    video.muted = true;
    video.addEventListener('seeked', this.#onSeeked);
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  get state(): PlayerState {
    return this.#state;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#run?.stop();
    this.#video.removeEventListener('seeked', this.#onSeeked);
    this.#buffer[Symbol.dispose]();
  }

  play(): void {
    this.#wantsPlay = true;
    if (this.#state.at === undefined && this.#target === undefined) return;
    if (!this.#run) this.seek(this.#state.at ?? this.#options.day.from);
    else this.#goOn();
  }

  /** Also over a line that is paid for by volume. */
  pay(): void {
    this.#viewings.pay();
    const at = this.#target ?? this.#state.at;
    if (at !== undefined) this.#begin(at);
  }

  pause(): void {
    this.#wantsPlay = false;
    this.#video.pause();
    if (this.#target === undefined && this.#state.status !== 'codec') this.#setState({ status: 'paused' });
  }

  toggle(): void {
    if (this.#wantsPlay && this.#state.status !== 'ended') this.pause();
    else this.play();
  }

  /** To a time of the day; plays or stands as before. */
  seek(at: number): void {
    const { day } = this.#options;
    const wanted = Math.min(Math.max(at, day.from), day.to - 1);
    this.#setState({ notice: undefined });
    if (!byKeys(this.#state.rate) && this.#run && !this.#jump && this.#holds(wanted)) {
      this.#askedMs = performance.now();
      this.#video.currentTime = this.#seconds(wanted);
      this.#setState({ at: wanted });
      this.#goOn();
      return;
    }
    this.#begin(wanted);
  }

  setRate(rate: Rate): void {
    const was = this.#state.rate;
    if (rate === was) return;
    this.#setState({ rate });
    if (!byKeys(rate)) this.#video.playbackRate = rate;
    if (byKeys(rate) || byKeys(was)) {
      const at = this.#state.at ?? this.#target;
      if (at !== undefined) this.#begin(at);
    }
  }

  /** To the picture before or after. */
  step(by: 1 | -1): void {
    this.pause();
    if (byKeys(this.#state.rate)) this.setRate(1);
    const at = this.#state.at;
    if (at === undefined || this.#target !== undefined) return;
    const now = this.#video.currentTime * 1_000;
    const found = by > 0 ? this.#frames.next(now) : this.#frames.before(now);
    if (found !== undefined && this.#holds(this.#options.day.from + found + insideMs)) this.#show(found);
    else if (by > 0) this.#pendingStep = 1;
    else {
      const first = this.#frames.at(now) ?? this.#frames.first ?? now;
      this.#begin(this.#options.day.from + first - 2 * insideMs - 1);
    }
  }

  #begin(at: number, cursor?: string): void {
    const { day, deviceId, recordedBefore } = this.#options;
    const { rate } = this.#state;
    this.#run?.stop();
    this.#video.pause();
    this.#intake.begin();
    this.#jump = undefined;
    this.#isWhole = false;
    this.#pendingStep = undefined;
    this.#target = at;
    this.#keysAt = at;
    this.#tickedMs = performance.now();
    this.#askedMs = performance.now();
    this.#setState({ status: 'loading', at, trouble: undefined });
    const isBack = rate < 0;
    const from = isBack ? Math.max(day.from, (recordedBefore(at) ?? at) - backWindowMs) : at;
    const run: RecordingRun = new RecordingRun({
      ...{ deviceId, day, from, cursor, viewings: this.#viewings, pictures: byKeys(rate) ? 'keys' : 'all' },
      ...(isBack ? { to: at + 1 } : {}),
      room: (signal) => this.#room(signal),
      listener: {
        onDescribe: (description) => run === this.#run && this.#intake.describe(description),
        onInit: (bytes) => run === this.#run && this.#intake.init(bytes),
        onTime: (zeroAt) => run === this.#run && this.#intake.time(zeroAt),
        onPicture: (bytes, isKey) => run === this.#run && this.#intake.picture(bytes, isKey),
        onJump: (to, next) => {
          if (run === this.#run) this.#jump = { at: to, cursor: next };
        },
        onWhole: () => {
          if (run === this.#run) this.#isWhole = true;
        },
        onTrouble: (trouble) => run === this.#run && this.#setState({ trouble }),
      },
    });
    this.#run = run;
    void run.start().catch(() => run === this.#run && this.#setState({ status: 'codec' }));
  }

  /** Shows the time that was asked for as soon as its picture, or the next one that is recorded, is here. */
  #place(): void {
    const target = this.#target;
    const { day } = this.#options;
    if (target !== undefined && this.#isWhole && this.#frames.size === 0) {
      this.#target = undefined;
      this.#setState({ status: 'ended' });
      return;
    }
    if (target === undefined || this.#video.readyState < 1) return;
    const isBack = this.#state.rate < 0;
    if (isBack && !this.#isWhole) return;
    const wanted = target - day.from;
    const shown = this.#frames.at(wanted) ?? this.#frames.first;
    if (shown === undefined) return;
    const at = byKeys(this.#state.rate) ? shown : Math.max(wanted, shown);
    if (!this.#holds(day.from + at + insideMs)) return;
    this.#target = undefined;
    this.#keysAt = day.from + at;
    if (at - wanted > gapTellMs) this.#setState({ notice: { kind: 'gap', from: target, to: day.from + at } });
    this.#video.currentTime = (at + insideMs) / 1_000;
    this.#setState({ at: day.from + at, status: 'paused' });
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#wantsPlay || this.#target !== undefined) return;
    this.#tickedMs = performance.now();
    this.#setState({ status: 'playing' });
    if (byKeys(this.#state.rate)) return;
    this.#video.playbackRate = this.#state.rate;
    void this.#video.play().catch(() => undefined);
  }

  readonly #onSeeked = (): void => {
    if (this.#askedMs === 0) return;
    this.#setState({ firstPictureMs: Math.round(performance.now() - this.#askedMs) });
    this.#askedMs = 0;
  };

  #tick(): void {
    if (this.#target !== undefined) {
      this.#place();
      return;
    }
    if (!this.#run || this.#state.status === 'codec') return;
    if (this.#pendingStep) this.#tryStep();
    if (byKeys(this.#state.rate)) this.#tickKeys();
    else this.#tickWhole();
    this.#trim();
  }

  #tryStep(): void {
    const next = this.#frames.next(this.#video.currentTime * 1_000);
    if (next === undefined || !this.#holds(this.#options.day.from + next + insideMs)) return;
    this.#pendingStep = undefined;
    this.#show(next);
  }

  #tickWhole(): void {
    const { day } = this.#options;
    const { currentTime, paused } = this.#video;
    const at = day.from + currentTime * 1_000;
    if (Math.abs(at - (this.#state.at ?? 0)) >= 20) this.#setState({ at });
    if (paused && !this.#wantsPlay) return;
    const { ranges } = this.#buffer;
    const marginS = this.#stands(currentTime) ? lastPicturesS : 0.06;
    const here = ranges.find(({ from, to }) => currentTime >= from - 0.05 && currentTime < to - marginS);
    if (here) {
      if (this.#state.status !== 'playing') this.#goOn();
      return;
    }
    const next = ranges.find(({ from }) => from > currentTime + 0.02);
    if (next) {
      if (next.from - currentTime > gapTellMs / 1_000)
        this.#setState({ notice: { kind: 'gap', from: at, to: day.from + next.from * 1_000 } });
      this.#video.currentTime = next.from + insideMs / 1_000;
      this.#goOn();
    } else if (this.#jump) {
      const { at: to, cursor } = this.#jump;
      this.#begin(to, cursor);
      this.#setState({ notice: { kind: 'set_back', to } });
    } else if (this.#isWhole) {
      this.pause();
      this.#setState({ status: 'ended' });
    } else if (this.#state.status === 'playing') this.#setState({ status: 'waiting' });
  }

  /** A decoder stops some pictures before the end of what it has, to wait for more. */
  #stands(currentTime: number): boolean {
    const nowMs = performance.now();
    if (currentTime !== this.#movedAt.time) this.#movedAt = { time: currentTime, ms: nowMs };
    return this.#wantsPlay && !this.#video.seeking && nowMs - this.#movedAt.ms > standsMs;
  }

  #tickKeys(): void {
    const { day } = this.#options;
    const nowMs = performance.now();
    const passed = nowMs - this.#tickedMs;
    this.#tickedMs = nowMs;
    if (!this.#wantsPlay) return;
    const { rate } = this.#state;
    const wanted = this.#keysAt - day.from + passed * rate;
    if (rate < 0) {
      const first = this.#frames.first;
      if (first !== undefined && wanted >= first) this.#showKey(wanted);
      else {
        const before = this.#options.recordedBefore(day.from + (first ?? wanted) - 1);
        if (before === undefined || before <= day.from) {
          this.pause();
          this.#setState({ status: 'ended' });
        } else this.#begin(before);
      }
      return;
    }
    const last = this.#frames.last ?? 0;
    if (wanted <= last) this.#showKey(wanted);
    else if (this.#jump) this.#begin(this.#jump.at, this.#jump.cursor);
    else if (this.#isWhole) {
      this.pause();
      this.#setState({ status: 'ended' });
    } else if (this.#state.status === 'playing') this.#setState({ status: 'waiting' });
  }

  #showKey(wanted: number): void {
    const { day } = this.#options;
    const shown = this.#frames.at(wanted);
    const next = this.#frames.next(wanted);
    // Nothing is recorded between: what comes next is shown at once.
    const isGap = shown !== undefined && next !== undefined && next - shown > 15_000 && wanted - shown > 1_000;
    const at = isGap && this.#state.rate > 0 ? next : wanted;
    this.#keysAt = day.from + at;
    const frame = this.#frames.at(at);
    this.#setState({ status: 'playing', at: day.from + (frame ?? at) });
    if (frame !== undefined && !this.#video.seeking && Math.abs(this.#video.currentTime * 1_000 - frame) > 5)
      this.#video.currentTime = (frame + insideMs) / 1_000;
  }

  #show(frame: number): void {
    this.#video.currentTime = (frame + insideMs) / 1_000;
    this.#setState({ at: this.#options.day.from + frame + insideMs, status: 'paused' });
  }

  #holds(at: number): boolean {
    const seconds = this.#seconds(at);
    return this.#buffer.ranges.some(({ from, to }) => seconds >= from - 0.001 && seconds < to);
  }

  #seconds(at: number): number {
    return (at - this.#options.day.from) / 1_000;
  }

  /** Waits until what is here runs out: a tab that nobody looks at fetches nothing. */
  async #room(signal: AbortSignal): Promise<void> {
    for (;;) {
      const isBack = this.#state.rate < 0;
      const end = (this.#frames.last ?? Number.NEGATIVE_INFINITY) / 1_000;
      const now = this.#target === undefined ? this.#video.currentTime : this.#seconds(this.#target);
      const wanted = aheadS * Math.max(1, this.#state.rate);
      const isShort = isBack || end - now < wanted;
      if (isShort && !this.#buffer.isFull && this.#buffer.waitingBytes < mostWaitingBytes) return;
      await wait(tickMs, signal);
    }
  }

  #trim(): void {
    if (this.#target !== undefined || this.#state.rate < 0) return;
    const { currentTime } = this.#video;
    const [first] = this.#buffer.ranges;
    const most = this.#buffer.isFull ? 2 : behindS;
    if (!first || currentTime - first.from < most * 1.5) return;
    const keep = currentTime - most;
    this.#buffer.remove(0, keep);
    this.#frames.keep(keep * 1_000, Number.POSITIVE_INFINITY);
  }

  #setState(change: Partial<PlayerState>): void {
    const next = { ...this.#state, ...change };
    const keys = Object.keys(change) as (keyof PlayerState)[];
    if (keys.every((key) => this.#state[key] === next[key])) return;
    this.#state = next;
    this.#options.onState(next);
  }
}
