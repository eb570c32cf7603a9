import path from 'node:path';
import { Readable } from 'node:stream';
import { type Clock, HubError, toHubError } from '@hallhub/shared';
import {
  type DownRecordings,
  encodeLiveRecord,
  maxSpans,
  maxSpansMs,
  type RecordedSpan,
  type RecordingProblem,
  type SpansAnswer,
} from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';
import type { PictureShare } from '../../link-budget/picture-share.js';
import type { Logger } from '../../ports/index.js';
import { DownloadPlan, endOf, listRingFiles, playRing, recordedSpans } from '../recording/index.js';
import { ByteRate } from './byte-rate.js';
import { PlanShelf } from './plan-shelf.js';

export interface RecordingsDeskOptions {
  /** DATA/vision/recordings: a folder a camera. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One request to the gateway, as this unit. */
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  /** Of all answers together: neither the disk nor the line is theirs alone. */
  readonly bytesPerSecond: number;
  /** Of the line, with live pictures: recordings stand aside for events and readings as they do. */
  readonly share: Pick<PictureShare, 'take' | 'bytesPerSecond'>;
  /** The line is paid for by volume: what is recorded goes only to who asks for it all the same. */
  readonly isMetered: boolean;
}

interface Answer {
  readonly type: 'application/json' | 'application/problem+json' | 'application/octet-stream';
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** At one time; the rest wait their turn. */
const maxRunning = 4;
const maxWaiting = 32;
const maxRemembered = 256;
/** How much of a file is read at a time. */
const fileStepBytes = 256 * 1_024;
/** In one go, on a line that is bounded and on one that is not. */
const portionBytes = 4_096;
const freePortionBytes = 65_536;

/** On the agent's side: answers what the cloud asks of recordings (docs/protocol.md 8.5), each question by one bounded request of its own. */
export class RecordingsDesk {
  readonly #options: RecordingsDeskOptions;
  readonly #rate: ByteRate;
  readonly #plans: PlanShelf;
  readonly #stop = new AbortController();
  readonly #seen = new Set<string>();
  #waiting: { readonly message: DownRecordings; readonly atMs: number }[] = [];
  readonly #running = new Set<Promise<void>>();
  #answered = 0;
  #sentBytes = 0;

  constructor(options: RecordingsDeskOptions) {
    this.#options = options;
    this.#rate = new ByteRate(options.clock, options.bytesPerSecond);
    this.#plans = new PlanShelf(options.clock);
  }

  get figures(): { running: number; waiting: number; answered: number; sentBytes: number } {
    const [answered, sentBytes] = [this.#answered, this.#sentBytes];
    return { running: this.#running.size, waiting: this.#waiting.length, answered, sentBytes };
  }

  take(message: DownRecordings): void {
    if (this.#stop.signal.aborted || this.#seen.has(message.requestId)) return;
    this.#seen.add(message.requestId);
    for (const old of this.#seen) {
      if (this.#seen.size <= maxRemembered) break;
      this.#seen.delete(old);
    }
    if (this.#waiting.length >= maxWaiting) {
      // Not told: whoever floods us would have us send as much as they.
      this.#options.logger.warn({ waiting: maxWaiting }, 'too much is asked of the recordings');
      return;
    }
    this.#waiting.push({ message, atMs: this.#options.clock.monotonicMs() });
    this.#next();
  }

  /** What is recorded of a camera. */
  async spans(cameraId: string, { from, to }: RecordedSpan): Promise<SpansAnswer> {
    const files = await listRingFiles(this.#folderOf(cameraId));
    const pieces: { startMs: number; endMs: number }[] = [];
    for (const { file, startMs, endMs } of files) {
      const end = endMs ?? (await endOf(file));
      if (end !== undefined) pieces.push({ startMs, endMs: end });
    }
    const bounds = { from: Math.max(from, to - maxSpansMs), to, most: maxSpans };
    return {
      v: 1,
      spans: recordedSpans(pieces, bounds),
      oldestAt: pieces.reduce<number | null>((least, { startMs }) => Math.min(least ?? startMs, startMs), null),
      newestAt: pieces.at(-1)?.endMs ?? null,
    };
  }

  async close(): Promise<void> {
    this.#stop.abort(new HubError('cancelled', 'the unit stops'));
    this.#waiting = [];
    await Promise.all(this.#running);
    await this.#plans.close();
  }

  #next(): void {
    while (this.#running.size < maxRunning) {
      const next = this.#waiting.shift();
      if (!next) return;
      if (this.#options.clock.monotonicMs() - next.atMs > next.message.withinMs) continue;
      const running = this.#serve(next.message).finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  async #serve(message: DownRecordings): Promise<void> {
    const { logger, request } = this.#options;
    const { requestId, deviceId, ask } = message;
    const { signal } = this.#stop;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(120_000)]);
    let body: Readable | undefined;
    try {
      const answer = await this.#answer(message, limit).catch((error) => problemOf(error));
      const chunks = answer.body instanceof Uint8Array ? [answer.body] : answer.body;
      body = Readable.from(this.#paced(chunks, limit), { objectMode: false, highWaterMark: fileStepBytes });
      body.on('error', () => undefined);
      const { status } = await request({
        ...{ method: 'POST', path: `${gatewayPaths.recordings}/${requestId}`, body, signal: limit },
        headers: { 'content-type': answer.type },
      });
      if (status >= 200 && status < 300) this.#answered += 1;
      // 409: nobody waits any more.
      else if (status !== 409)
        logger.debug({ deviceId, kind: ask.kind, status }, 'an answer of the recordings was refused');
    } catch (error) {
      if (signal.aborted) return;
      logger.debug(
        { deviceId, kind: ask.kind, error: toHubError(error).message },
        'an answer of the recordings broke off',
      );
    } finally {
      body?.destroy();
    }
  }

  async #answer({ deviceId, ask, despiteMetered }: DownRecordings, signal: AbortSignal): Promise<Answer> {
    const folder = this.#folderOf(deviceId);
    if (this.#options.isMetered && !despiteMetered && ask.kind !== 'spans')
      throw new HubError('forbidden', 'the line is paid for by volume');
    switch (ask.kind) {
      case 'spans':
        return json(await this.spans(deviceId, ask));
      case 'media':
        return { type: 'application/octet-stream', body: records({ ...ask, folder }) };
      case 'plan': {
        const plan = await DownloadPlan.make({ folder, from: ask.from, to: ask.to, signal });
        if (!plan) throw new HubError('not_found', 'nothing of that time is recorded');
        await this.#plans.keep(plan);
        return json(plan.answer);
      }
      case 'file': {
        const plan = this.#plans.get(ask.plan);
        if (!plan || ask.offset >= plan.answer.bytes) throw new HubError('gone', 'there is no such file any more');
        return { type: 'application/octet-stream', body: bytesOf(plan, ask) };
      }
    }
  }

  async *#paced(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal: AbortSignal) {
    const { clock, share } = this.#options;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const portion = chunk.subarray(at, at + (share.bytesPerSecond === undefined ? freePortionBytes : portionBytes));
        await this.#rate.take(portion.length, signal);
        for (let waitMs = share.take(portion.length); waitMs > 0; waitMs = share.take(portion.length))
          await clock.sleep(waitMs, signal);
        this.#sentBytes += portion.length;
        at += portion.length;
        yield portion;
      }
    }
  }

  /** Ids are UUIDs by the contract: they lead nowhere else. */
  #folderOf(cameraId: string): string {
    return path.join(this.#options.folder, cameraId);
  }
}

async function* records(request: Parameters<typeof playRing>[0]): AsyncGenerator<Uint8Array> {
  for await (const record of playRing(request)) yield encodeLiveRecord(record);
}

async function* bytesOf(plan: DownloadPlan, { offset, maxBytes }: { offset: number; maxBytes: number }) {
  for (let at = offset; at < offset + maxBytes; ) {
    const bytes = await plan.read(at, Math.min(fileStepBytes, offset + maxBytes - at));
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}

const json = (value: object): Answer => ({ type: 'application/json', body: Buffer.from(JSON.stringify(value)) });

const problems: Partial<Record<HubError['code'], RecordingProblem['problem']>> = {
  not_found: 'not_recorded',
  gone: 'gone',
  too_large: 'too_large',
  forbidden: 'metered',
};

const problemOf = (error: unknown): Answer => {
  const { code, message } = toHubError(error);
  const problem: RecordingProblem = { v: 1, problem: problems[code] ?? 'unreadable', detail: message.slice(0, 500) };
  return { type: 'application/problem+json', body: Buffer.from(JSON.stringify(problem)) };
};
