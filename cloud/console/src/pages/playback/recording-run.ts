import {
  type LiveDescription,
  type LiveRecord,
  type MediaEnd,
  mediaEndSchema,
  mediaTimeSchema,
} from '@hallhub/shared/vision';
import { ApiError, isApiError } from '../../api/api-error.js';
import { beginViewing, type DaySpan, fetchPiece, type PieceAsk, type Viewing } from '../../api/recordings.js';

/** What comes out of a run, in order. Times are epoch ms. */
export interface RunListener {
  onDescribe(description: LiveDescription): void;
  onInit(bytes: Uint8Array): void;
  onTime(zeroAt: number): void;
  onPicture(bytes: Uint8Array, isKey: boolean): void;
  /** The clock was set back: what comes next in the order of recording begins then. */
  onJump(at: number, cursor: string): void;
  /** All of it came. */
  onWhole(): void;
  /** It is tried again; undefined: it goes on. */
  onTrouble(error: ApiError | undefined): void;
}

export interface RunOptions {
  readonly deviceId: string;
  readonly day: DaySpan;
  readonly from: number;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
  readonly pictures: PieceAsk['pictures'];
  readonly viewings: Viewings;
  /** Resolves when more is wanted; never grows what waits. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly listener: RunListener;
}

const edgeEveryMs = 2_000;
const firstRetryMs = 1_000;
const longestRetryMs = 15_000;

const jsonOf = ({ payload }: LiveRecord): unknown => JSON.parse(new TextDecoder().decode(payload));

export const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal.removeEventListener('abort', stopped);
      resolve();
    }
    function stopped() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', stopped, { once: true });
  });

/** One ticket for a day; the next one when it is over. */
export class Viewings {
  #now: Promise<Viewing> | undefined;
  #pays = false;

  constructor(
    private readonly deviceId: string,
    private readonly day: DaySpan,
  ) {}

  async ticket(): Promise<string> {
    this.#now ??= beginViewing(this.deviceId, this.day, this.#pays);
    try {
      return (await this.#now).ticket;
    } catch (error) {
      this.#now = undefined;
      throw error;
    }
  }

  forget(): void {
    this.#now = undefined;
  }

  /** Also over a line that is paid for by volume. */
  pay(): void {
    this.#pays = true;
    this.forget();
  }
}

/** Fetches a recording from a time on, a piece after the other as there is room, until it is whole or stopped. Tries again by itself. */
export class RecordingRun {
  readonly options: RunOptions;
  readonly #stop = new AbortController();
  #cursor: string | undefined;
  #failures = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.#cursor = options.cursor;
  }

  get isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  stop(): void {
    this.#stop.abort(new DOMException('stopped', 'AbortError'));
  }

  async start(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        await this.options.room(signal);
        const end = await this.#piece(signal);
        if (end === 'again') continue;
        if (end.reason === 'jump' && end.cursor !== null && end.at !== undefined) {
          this.options.listener.onJump(end.at, end.cursor);
          return;
        }
        if (end.reason === 'to' || (end.reason === 'newest' && Date.now() > this.options.day.to)) {
          this.options.listener.onWhole();
          return;
        }
        this.#cursor = end.cursor ?? this.#cursor;
        if (end.reason === 'newest') await wait(edgeEveryMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #piece(signal: AbortSignal): Promise<MediaEnd | 'again'> {
    const { deviceId, from, to, pictures, viewings, listener } = this.options;
    try {
      const ticket = await viewings.ticket();
      const ask: PieceAsk = { ticket, from, pictures, to, cursor: this.#cursor };
      for await (const record of fetchPiece(deviceId, ask, signal)) {
        if (signal.aborted) return 'again';
        if (this.#failures > 0) listener.onTrouble(undefined);
        this.#failures = 0;
        const end = this.#give(record);
        if (end) return end;
      }
      throw new ApiError({ code: 'unavailable', message: 'the answer broke off', status: 0, reason: 'unit_line' });
    } catch (error) {
      if (signal.aborted) throw error;
      if (isApiError(error) && error.reason === 'ticket') viewings.forget();
      const known = error instanceof ApiError ? error : undefined;
      if (!known) throw error;
      if (this.#failures > 0 || known.reason !== 'ticket') listener.onTrouble(known);
      const waitMs = known.retryAfterMs ?? firstRetryMs * 2 ** this.#failures;
      this.#failures += 1;
      await wait(Math.min(waitMs, longestRetryMs) * (0.5 + Math.random() / 2), signal);
      return 'again';
    }
  }

  #give(record: LiveRecord): MediaEnd | undefined {
    const { listener } = this.options;
    switch (record.kind) {
      case 'describe':
        listener.onDescribe(jsonOf(record) as LiveDescription);
        return undefined;
      case 'init':
        listener.onInit(record.payload);
        return undefined;
      case 'time':
        listener.onTime(mediaTimeSchema.parse(jsonOf(record)).zeroAt);
        return undefined;
      case 'key':
      case 'more':
        listener.onPicture(record.payload, record.kind === 'key');
        return undefined;
      case 'end':
        return mediaEndSchema.parse(jsonOf(record));
      default:
        return undefined;
    }
  }
}
