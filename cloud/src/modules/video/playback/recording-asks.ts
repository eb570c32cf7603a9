import { type Clock, HubError, type Timer, uuidv7 } from '@hallhub/shared';
import {
  type DownRecordings,
  maxRecordingPieceBytes,
  type RecordingAsk,
  type RecordingProblem,
  recordingProblemSchema,
} from '@hallhub/shared/vision';
import { unitTopics } from '@hallhub/shared/wire';
import type { AnswerPart, AnswerRelay } from './answer-relay.js';

export interface RecordingAsksOptions {
  readonly clock: Clock;
  readonly relay: AnswerRelay;
  /** To a unit; never throws. */
  readonly tell: (topic: string, message: object) => void;
}

export interface AskedCamera {
  readonly unitId: string;
  readonly deviceId: string;
  /** Who asks may, and wants it also over a line that is paid for by volume. */
  readonly despiteMetered?: boolean | undefined;
}

export interface RecordingAnswer {
  readonly type: string;
  readonly body: ReadableStream<Uint8Array>;
}

/** What a unit's answer is given to, wherever whoever asked sits. */
export interface AnswerSink {
  /** False: nobody waits for it any more. */
  push(bytes: Uint8Array): boolean;
  end(): void;
  broken(): void;
}

/** An answer that did not begin by then will not come: the unit is away, or older than recordings. */
const beginWithinMs = 15_000;
/** Between two parts of one. */
const silentMs = 20_000;
/** From the question to its last byte, taken by whoever asked. */
const lifeMs = 120_000;
/** A bounded piece and one fragment over it. */
const maxAnswerBytes = 2 * maxRecordingPieceBytes + 65_536;
const maxPending = 128;
/** A hall whose unit hangs takes no other hall's turn. */
const maxPendingOfUnit = 16;

interface Pending {
  readonly unitId: string;
  readonly begin: (answer: RecordingAnswer) => void;
  readonly refuse: (error: HubError) => void;
  readonly done: () => void;
  controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  bytes: number;
  next: number;
  idle: Timer | undefined;
}

/** Questions to units about recordings that wait for their answers here; each answer is bounded, and so is what waits. */
export class RecordingAsks {
  readonly #options: RecordingAsksOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: RecordingAsksOptions) {
    this.#options = options;
    options.relay.onPart((part) => this.#take(part));
  }

  get figures(): { pending: number } {
    return { pending: this.#pending.size };
  }

  /**
   * Resolves when the answer begins. Throws what the unit said (`not_found`, `gone`, `too_large`, `unavailable`), `timeout` where it says
   * nothing, `rate_limited` where too much is asked already.
   */
  async ask(camera: AskedCamera, ask: RecordingAsk, signal?: AbortSignal): Promise<RecordingAnswer> {
    const { clock, relay, tell } = this.#options;
    const ofUnit = [...this.#pending.values()].filter(({ unitId }) => unitId === camera.unitId).length;
    if (this.#pending.size >= maxPending || ofUnit >= maxPendingOfUnit)
      throw new HubError('rate_limited', 'Too many recordings are played at once', {
        context: { retryAfterMs: 2_000 },
      });
    const requestId = `${relay.processId}.${uuidv7()}`;
    const fail = (error: HubError) => this.#fail(requestId, error);
    const onAbort = () => fail(new HubError('cancelled', 'Nobody waits any more'));
    const life = clock.setTimeout(() => fail(new HubError('timeout', 'The answer was not taken in time')), lifeMs);
    const begun = new Promise<RecordingAnswer>((begin, refuse) => {
      this.#pending.set(requestId, {
        ...{ unitId: camera.unitId, begin, refuse, controller: undefined, bytes: 0, next: 0 },
        idle: clock.setTimeout(() => fail(silentUnit()), beginWithinMs),
        done: () => {
          life.cancel();
          signal?.removeEventListener('abort', onAbort);
        },
      });
    });
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const message: DownRecordings = {
      ...{ v: 1, requestId, deviceId: camera.deviceId, withinMs: beginWithinMs, at: Math.round(clock.now()), ask },
      ...(camera.despiteMetered ? { despiteMetered: true } : {}),
    };
    tell(unitTopics.downRecordings(camera.unitId), message);
    const answer = await begun;
    if (answer.type !== 'application/problem+json') return answer;
    throw problemOf(await textOf(answer.body));
  }

  /** The same, as JSON by its contract. */
  async askJson<T>(camera: AskedCamera, ask: RecordingAsk, schema: { parse(value: unknown): T }): Promise<T> {
    const { body } = await this.ask(camera, ask);
    const text = await textOf(body);
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new HubError('protocol_violation', 'The unit’s answer is not understood', { cause });
    }
  }

  /** What a unit posts. Throws `conflict` where nobody asked it that, or does not wait any more. */
  receive(of: { readonly unitId: string; readonly requestId: string; readonly type: string }): AnswerSink {
    const { unitId, requestId, type } = of;
    const { relay } = this.#options;
    const processId = requestId.split('.')[0] as string;
    const isOwn = processId === relay.processId;
    if (isOwn && this.#pending.get(requestId)?.unitId !== unitId)
      throw new HubError('conflict', 'Nobody waits for this answer');
    let n = 0;
    const say = (kind: AnswerPart['kind'], rest: { text?: string; bytes?: Uint8Array } = {}): boolean => {
      const part = { requestId, unitId, n: n++, kind, ...rest };
      if (isOwn) return this.#take(part);
      relay.send(processId, part);
      return true;
    };
    say('begin', { text: type });
    return { push: (bytes) => say('data', { bytes }), end: () => void say('end'), broken: () => void say('broken') };
  }

  close(): void {
    for (const requestId of [...this.#pending.keys()])
      this.#fail(requestId, new HubError('unavailable', 'The server stops', { context: { retryAfterMs: 2_000 } }));
  }

  /** Forgets it; undefined where it was forgotten already. */
  #end(requestId: string): Pending | undefined {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    pending?.idle?.cancel();
    pending?.done();
    return pending;
  }

  #fail(requestId: string, error: HubError): void {
    const pending = this.#end(requestId);
    pending?.refuse(error);
    pending?.controller?.error(error);
  }

  #take({ requestId, unitId, n, kind, text, bytes }: AnswerPart): boolean {
    const pending = this.#pending.get(requestId);
    if (!pending || pending.unitId !== unitId) return false;
    if (n !== pending.next++) {
      this.#fail(requestId, new HubError('unavailable', 'A part of the answer was lost'));
      return false;
    }
    const { clock } = this.#options;
    pending.idle?.cancel();
    pending.idle = undefined;
    switch (kind) {
      case 'begin':
        pending.begin({ type: text ?? '', body: this.#stream(requestId, pending) });
        break;
      case 'data':
        pending.bytes += bytes?.length ?? 0;
        if (pending.bytes > maxAnswerBytes) {
          this.#fail(requestId, new HubError('protocol_violation', 'The unit answers more than it was asked for'));
          return false;
        }
        if (bytes && bytes.length > 0) pending.controller?.enqueue(bytes);
        break;
      case 'end':
        this.#end(requestId);
        pending.controller?.close();
        return true;
      case 'broken':
        this.#fail(
          requestId,
          new HubError('unavailable', 'The unit’s line broke', { context: { reason: 'unit_line' } }),
        );
        return false;
    }
    pending.idle = clock.setTimeout(() => this.#fail(requestId, silentUnit()), silentMs);
    return true;
  }

  #stream(requestId: string, pending: Pending): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        pending.controller = controller;
      },
      cancel: () => void this.#end(requestId),
    });
  }
}

const silentUnit = (): HubError =>
  new HubError('timeout', 'The unit does not answer', {
    context: { reason: 'unit_silent' },
    hint: 'Its line may be down, or its software older than playing recordings.',
  });

const textOf = (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text();

const codes: Record<RecordingProblem['problem'], HubError['code']> = {
  not_recorded: 'not_found',
  busy: 'rate_limited',
  gone: 'gone',
  too_large: 'too_large',
  metered: 'conflict',
  unreadable: 'unavailable',
};

const problemOf = (text: string): HubError => {
  try {
    const { problem, detail } = recordingProblemSchema.parse(JSON.parse(text));
    return new HubError(codes[problem], detail ?? problem, { context: { reason: problem } });
  } catch (cause) {
    return new HubError('protocol_violation', 'The unit’s answer is not understood', { cause });
  }
};
