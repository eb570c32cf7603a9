import type { Clock, Timer } from '@hallhub/shared';
import type { BatchAnswer, BatchLimits, Lane, StreamCursor, WireClock } from '@hallhub/shared/wire';
import type { Flight, LinkBudget } from '../link-budget/index.js';
import { type BatchContent, type Cursor, chainSeed, encodeContent, nextContent, type Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';

const answerTimeoutMs = 15_000;
const quickAnswerMs = 2_000;
const firstBatchRows = 100;
const hopelessRejections = 3;
const hopelessPauseMs = 30_000;
/** A row that was rejected this often alone, over some minutes, goes aside; another one only after the cloud took something. */
const givenUpRejections = 6;
const givenUpAgainMs = 3_600_000;
/** In low-data mode live rows wait this long for company. */
const gatherMs = 10_000;

/** docs/protocol.md 1.1: what the cloud answers for an epoch that a later one closed. */
const nobodys = Buffer.alloc(32);

export interface LaneSenderOptions {
  readonly lane: Lane;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitId: string;
  readonly secret: string;
  readonly bootId: string;
  readonly wireClock: (segment: number | undefined) => WireClock;
  readonly send: (payload: Uint8Array) => void;
  readonly budget: LinkBudget;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
  /** The cloud does not answer batches although it is connected. */
  readonly onSilence: () => void;
}

interface Ready {
  readonly content: BatchContent;
  readonly payload: Uint8Array;
}

interface InFlight extends Ready {
  readonly flight: Flight;
  readonly since: number;
  readonly sinceMonoMs: number;
}

/** One lane of one session: at most one batch on the wire, of adaptive size, until its answer (docs/protocol.md 1.2, 1.3). */
export class LaneSender {
  readonly #options: LaneSenderOptions;
  #limits: BatchLimits | undefined;
  #cursor: Cursor | undefined;
  #inFlight: InFlight | undefined;
  #steps = 0;
  #tail: Promise<void> = Promise.resolve();
  #ended = false;
  #rows = firstBatchRows;
  #rejections = 0;
  /** The cloud found a chain wrong: rows are looked at before they are sent again. */
  #verify = false;
  #timeouts = 0;
  #timer: Timer | undefined;
  /** Gives up waiting for the line. */
  #unqueue: (() => void) | undefined;
  /** Bytes on the wire for one of the rows. */
  #packing = 1;
  #sentMs = Number.NEGATIVE_INFINITY;
  #gaveUpMs = Number.NEGATIVE_INFINITY;

  constructor(options: LaneSenderOptions) {
    this.#options = options;
  }

  get batchRows(): number {
    return this.#rows;
  }

  get inFlight(): { firstSeq: number; count: number; since: number } | null {
    if (!this.#inFlight) return null;
    const { content, since } = this.#inFlight;
    return { firstSeq: content.firstSeq, count: content.lastSeq - content.firstSeq + 1, since };
  }

  /** The hello was answered: compare with what the cloud has, and go on from there. */
  begin(stream: StreamCursor | undefined, limits: BatchLimits): void {
    this.#limits = limits;
    this.#rows = Math.min(this.#rows, limits.maxBatchRows);
    this.#guard(() => this.#compare(stream));
  }

  /** There may be something to send. */
  kick(): void {
    if (this.#steps > 0 || this.#inFlight || this.#unqueue || this.#timer || !this.#cursor || this.#ended) return;
    const waitMs = this.#gatherMs();
    if (waitMs > 0) this.#pause(waitMs, () => this.#guard(() => this.#next()));
    else this.#guard(() => this.#next());
  }

  end(): void {
    this.#ended = true;
    this.#stopTimer();
    this.#unqueue?.();
    this.#unqueue = undefined;
    this.#inFlight?.flight.over();
    this.#inFlight = undefined;
    this.#options.outbox.pin(this.#options.lane, 0);
  }

  /** Returns false for an answer that belongs to nothing on the wire; otherwise the ms it took. */
  answer(answer: BatchAnswer): number | false {
    const flight = this.#inFlight;
    const { lane, outbox, clock } = this.#options;
    if (this.#ended || !flight || answer.firstSeq !== flight.content.firstSeq) return false;
    if (answer.epoch !== flight.content.epoch || answer.epoch !== outbox.lane(lane).epoch) return false;
    const tookMs = clock.monotonicMs() - flight.sinceMonoMs;
    this.#stopTimer();
    this.#timeouts = 0;
    if (answer.result === 'busy') flight.flight.over();
    else flight.flight.answered();
    this.#inFlight = undefined;
    if (answer.result === 'busy') {
      this.#pause(Math.max(200, answer.retryAfterMs), () => this.#transmit(flight));
      return tookMs;
    }
    outbox.pin(lane, 0);
    if (answer.result === 'rejected') {
      this.#rejected(flight, answer);
      return tookMs;
    }
    this.#rejections = 0;
    this.#verify = false;
    if (answer.result === 'committed') {
      outbox.traces?.acknowledged(lane, answer.cursor, clock.now() - tookMs);
      // The cloud does take rows of this lane: what it rejected was the row.
      if (flight.content.count > 0) this.#gaveUpMs = Number.NEGATIVE_INFINITY;
      if (tookMs < quickAnswerMs + (this.#options.budget.roundTripMs ?? 0)) this.#grow(flight);
    }
    this.#guard(() => this.#compare({ lane, epoch: answer.epoch, cursor: answer.cursor, chain: answer.chain }));
    return tookMs;
  }

  /** The table of docs/protocol.md 1.1. */
  async #compare(stream: StreamCursor | undefined): Promise<void> {
    const { lane, outbox, unitId } = this.#options;
    const store = outbox.lane(lane);
    const cursor: Cursor =
      stream?.epoch === store.epoch
        ? { seq: stream.cursor, chain: Buffer.from(stream.chain, 'hex') }
        : { seq: 0, chain: chainSeed(unitId, lane, store.epoch) };
    const own = store.chainAt(cursor.seq);
    if (cursor.seq > store.head.seq || nobodys.equals(cursor.chain) || (own && !own.equals(cursor.chain))) {
      await this.#newEpoch('rollback');
      return;
    }
    this.#cursor = cursor;
    if (cursor.seq > store.base.seq) {
      // Not waited for: rows that stay until the next acknowledgement harm nobody.
      outbox.acknowledge(lane, cursor.seq, cursor.chain).catch((error) => {
        this.#options.logger.error({ lane, error: String(error) }, 'acknowledged rows could not be deleted');
      });
    }
    await this.#next();
  }

  async #next(): Promise<void> {
    const { lane, outbox, budget } = this.#options;
    if (this.#ended || !this.#cursor || !this.#limits || this.#inFlight || this.#unqueue) return;
    const content = nextContent(outbox.lane(lane), this.#cursor, {
      maxRows: Math.min(this.#rows, this.#limits.maxBatchRows),
      maxBytes: Math.min(this.#limits.maxBatchBytes, budget.batchBytes / this.#packing),
      verify: this.#verify,
    });
    if (content === 'nothing') return;
    if (content === 'broken') {
      this.#options.onFault('outbox_damaged', `rows of the ${lane} lane are gone from the disk`, { lane });
      await this.#newEpoch('damaged');
      return;
    }
    outbox.pin(lane, content.lastSeq);
    const { clock, unitId, secret, bootId, wireClock } = this.#options;
    const payload = await encodeContent(lane, content, {
      unitId,
      secret,
      bootId,
      monoMs: Math.round(clock.monotonicMs()),
      sentAt: clock.now(),
      clock: wireClock(content.segment),
      pack: budget.lowData ? 'best' : 'quick',
    });
    if (this.#ended) return;
    if (content.count > 0) this.#packing = Math.max(0.02, payload.length / Math.max(1, content.body.length));
    if (content.gap?.reason === 'damaged' && !outbox.lane(lane).gapAt(content.firstSeq)) {
      const context = { lane, seq: content.firstSeq, epoch: content.epoch };
      this.#options.onFault('row_damaged', `the disk changed row ${content.firstSeq} of the ${lane} lane`, context);
    }
    this.#transmit({ content, payload });
  }

  /** When the line has room for it; the answer is waited for from then on. */
  #transmit({ content, payload }: Ready): void {
    const { lane, clock, send, budget } = this.#options;
    let isSent = false;
    const unqueue = budget.request(lane, payload.length, (flight) => {
      [isSent, this.#unqueue] = [true, undefined];
      this.#sentMs = clock.monotonicMs();
      this.#inFlight = { content, payload, flight, since: clock.now(), sinceMonoMs: this.#sentMs };
      this.#pause(budget.answerTimeoutMs(payload.length, answerTimeoutMs), () => this.#timedOut());
      send(payload);
    });
    if (!isSent) this.#unqueue = unqueue;
  }

  /** How long rows that could go now wait for others; nothing but live samples does, and only to spare the line. */
  #gatherMs(): number {
    const { lane, budget, clock, outbox } = this.#options;
    if (lane !== 'live' || !budget.lowData || outbox.lane(lane).rows >= this.#rows) return 0;
    return Math.max(0, this.#sentMs + gatherMs - clock.monotonicMs());
  }

  #timedOut(): void {
    const flight = this.#inFlight;
    this.#inFlight = undefined;
    flight?.flight.over(true);
    if (flight) this.#shrink(flight);
    this.#timeouts += 1;
    this.#options.logger.warn(
      { lane: this.#options.lane, timeouts: this.#timeouts },
      'a batch was not answered in time',
    );
    if (this.#timeouts >= 3) {
      this.#options.onSilence();
      return;
    }
    this.#guard(() => this.#next());
  }

  #rejected(flight: InFlight, answer: BatchAnswer): void {
    const { lane, logger, onFault } = this.#options;
    logger.warn({ lane, reason: answer.reason, firstSeq: answer.firstSeq }, 'the cloud rejected a batch');
    this.#shrink(flight);
    this.#verify = true;
    this.#rejections = flight.content.count <= 1 ? this.#rejections + 1 : 0;
    if (this.#rejections >= hopelessRejections) {
      const context = { lane, firstSeq: answer.firstSeq, reason: answer.reason ?? 'none' };
      onFault('batch_rejected', `the cloud keeps rejecting row ${answer.firstSeq} of the ${lane} lane`, context);
      const isGivenUp = this.#rejections >= givenUpRejections && this.#mayGiveUp(flight);
      if (isGivenUp) this.#guard(() => this.#giveUp(answer.firstSeq, answer.reason ?? 'none'));
      const pauseMs = hopelessPauseMs * Math.min(10, this.#rejections - 2);
      this.#pause(isGivenUp ? 200 : pauseMs, () => this.#guard(() => this.#next()));
      return;
    }
    this.#pause(200, () => this.#guard(() => this.#next()));
  }

  /** One row, and not one after the other: a cloud that rejects everything must not make the unit throw everything away. */
  #mayGiveUp({ content }: InFlight): boolean {
    return content.count === 1 && this.#options.clock.monotonicMs() - this.#gaveUpMs >= givenUpAgainMs;
  }

  async #giveUp(seq: number, reason: string): Promise<void> {
    const { lane, outbox, clock, onFault } = this.#options;
    this.#gaveUpMs = clock.monotonicMs();
    this.#rejections = 0;
    if (!(await outbox.putAside(lane, seq, `the cloud rejected it: ${reason}`))) return;
    onFault('row_put_aside', `row ${seq} of the ${lane} lane was put aside: the cloud does not take it`, {
      ...{ lane, seq, reason, epoch: outbox.lane(lane).epoch },
    });
  }

  async #newEpoch(reason: 'rollback' | 'damaged'): Promise<void> {
    const { lane, outbox, onFault } = this.#options;
    if (reason === 'rollback') {
      onFault('stream_rolled_back', `the ${lane} lane on this disk is older than what the cloud has`, { lane });
    }
    await outbox.openNewEpoch(lane, reason);
    const { base } = outbox.lane(lane);
    this.#cursor = { seq: base.seq, chain: base.chain };
    await this.#next();
  }

  #grow(flight: InFlight): void {
    const full = flight.content.count >= this.#rows;
    if (full && this.#limits) this.#rows = Math.min(this.#limits.maxBatchRows, this.#rows * 2);
  }

  #shrink(flight: InFlight): void {
    this.#rows = Math.max(1, Math.floor(Math.min(this.#rows, Math.max(1, flight.content.count)) / 2));
  }

  #pause(delayMs: number, then: () => void): void {
    this.#stopTimer();
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      if (!this.#ended) then();
    }, delayMs);
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** One step after the other; a store that refuses makes this lane wait and leaves the others alone. */
  #guard(step: () => Promise<void>): void {
    this.#steps += 1;
    this.#tail = this.#tail.then(async () => {
      try {
        if (!this.#ended) await step();
      } catch (error) {
        this.#options.logger.error(
          { lane: this.#options.lane, error: String(error) },
          'a lane of the outbox cannot go on',
        );
        if (!this.#ended) this.#pause(5_000, () => this.kick());
      } finally {
        this.#steps -= 1;
      }
      // What was appended while steps ran found them busy.
      if (this.#hasMore()) this.kick();
    });
  }

  #hasMore(): boolean {
    return this.#cursor !== undefined && this.#options.outbox.lane(this.#options.lane).head.seq > this.#cursor.seq;
  }
}
