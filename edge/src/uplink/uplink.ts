import { Backoff, type Clock, type Timer, toHubError, uuidv7 } from '@hallhub/shared';
import {
  type DownLive,
  type DownRecordings,
  type DownSteer,
  downLiveSchema,
  downRecordingsSchema,
  downSteerSchema,
} from '@hallhub/shared/vision';
import {
  type BatchAnswer,
  batchAnswerSchema,
  type DownCommand,
  defaultBatchLimits,
  downCommandSchema,
  type Heartbeat,
  type Hello,
  type HelloAnswer,
  heartbeatIntervalMs,
  helloAnswerSchema,
  type Lane,
  laneNames,
  protocolVersion,
  unitTopics,
} from '@hallhub/shared/wire';
import { LinkBudget } from '../link-budget/index.js';
import type { ClockSegments, Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import { LaneSender } from './lane-sender.js';
import type { UplinkConnection, UplinkTransport } from './transport.js';

export type UplinkState = 'disabled' | 'connecting' | 'greeting' | 'online' | 'refused' | 'waiting' | 'stopped';

export interface UplinkStatus {
  readonly state: UplinkState;
  /** Epoch ms. */
  readonly since: number;
  readonly reason?: string;
  readonly url?: string;
  readonly nextAttemptAt?: number;
  readonly attempts: number;
  readonly ignoredMessages: number;
}

export interface UplinkOptions {
  readonly unitId: string;
  readonly secret: string;
  readonly bootId: string;
  readonly software: string;
  readonly transport: UplinkTransport;
  readonly outbox: Outbox;
  readonly segments: ClockSegments;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What may go up and when; left out: no bounds but the line's own. */
  readonly budget?: LinkBudget;
  /** The parts of a heartbeat that the uplink does not know. */
  readonly vitals: () => Omit<Heartbeat, 'v' | 'connId' | 'at' | 'monoMs' | 'clock' | 'streams'>;
  readonly onCommand: (message: DownCommand) => void;
  /** Somebody looks at a camera. */
  readonly onLive?: (message: DownLive) => void;
  /** Somebody turns one. */
  readonly onSteer?: (message: DownSteer) => void;
  /** The cloud asks what a camera recorded. */
  readonly onRecordings?: (message: DownRecordings) => void;
  /** The cloud has something new for it to watch. */
  readonly onVision?: () => void;
  /** Each answer to a hello of this connection. */
  readonly onHello?: (answer: HelloAnswer) => void;
  readonly onStatus?: (status: UplinkStatus) => void;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
  readonly random?: () => number;
}

const helloTimeoutMs = 10_000;
const helloTries = 3;
const settledMs = 10_000;
const refusedHelloAgainMs = 300_000;
/** The cloud calls a unit silent after 50 s. */
const lowDataHeartbeatMs = 30_000;

interface Session {
  readonly connId: string;
  readonly connection: UplinkConnection;
  readonly senders: Record<Lane, LaneSender>;
  /** `at` of each hello said, with the monotonic time of saying it. */
  readonly hellos: Map<number, number>;
  readonly lose: (reason: string) => void;
}

/** The unit's line to the cloud: dials out, says hello, sends each lane's batches, passes commands on, and comes back by itself. */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #abort = new AbortController();
  readonly #backoff: Backoff;
  readonly #budget: LinkBudget;
  #status: UplinkStatus;
  #session: Session | undefined;
  #timers: Timer[] = [];
  #done: Promise<void> | undefined;
  #unlisten: (() => void) | undefined;
  #ignored = 0;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#budget = options.budget ?? new LinkBudget({ clock: options.clock });
    this.#backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0.5, random: options.random });
    this.#status = {
      state: 'waiting',
      since: options.clock.now(),
      url: options.transport.url,
      attempts: 0,
      ignoredMessages: 0,
    };
  }

  get status(): UplinkStatus {
    return { ...this.#status, ignoredMessages: this.#ignored };
  }

  /** What each lane has on the wire and how large its batches are; undefined while there is no session. */
  laneState(lane: Lane): Pick<LaneSender, 'inFlight' | 'batchRows'> | undefined {
    return this.#session?.senders[lane];
  }

  start(): void {
    this.#unlisten = this.#options.outbox.onAppended((lane) => this.#session?.senders[lane].kick());
    this.#done ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    this.#unlisten?.();
    const session = this.#session;
    if (session) {
      const { unitId } = this.#options;
      const payload = JSON.stringify({ v: 1, connId: session.connId, state: 'offline', reason: 'goodbye' });
      this.#endSession(session);
      await session.connection.end({ topic: unitTopics.presence(unitId), payload });
      session.lose('stopped');
    }
    await this.#done;
    this.#set('stopped');
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      this.#set('connecting', undefined, { attempts: this.#status.attempts + 1 });
      const startedMs = this.#options.clock.monotonicMs();
      const reason = await this.#attempt();
      if (signal.aborted) return;
      if (this.#options.clock.monotonicMs() - startedMs > settledMs + helloTimeoutMs) this.#backoff.reset();
      const delayMs = this.#backoff.nextMs();
      this.#set('waiting', reason, { nextAttemptAt: this.#options.clock.now() + delayMs });
      await this.#options.clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  /** One connection from dialling to its end; resolves with why it ended. */
  async #attempt(): Promise<string> {
    const { unitId, transport, logger } = this.#options;
    const connId = uuidv7(this.#options.clock.now());
    const lost = deferred<string>();
    let session: Session | undefined;
    try {
      const connection = await transport.connect({
        will: {
          topic: unitTopics.presence(unitId),
          payload: JSON.stringify({ v: 1, connId, state: 'offline', reason: 'will' }),
        },
        subscribe: unitTopics.down(unitId),
        onMessage: (topic, payload) => session && this.#receive(session, topic, payload),
        onClose: (reason) => lost.resolve(reason),
        signal: this.#abort.signal,
      });
      session = {
        connId,
        connection,
        senders: this.#senders(connection, lost.resolve),
        hellos: new Map(),
        lose: lost.resolve,
      };
    } catch (error) {
      const failure = toHubError(error);
      if (failure.code !== 'cancelled') logger.warn({ error: failure.message, code: failure.code }, 'no uplink');
      return failure.message;
    }
    this.#session = session;
    this.#set('greeting');
    this.#greet(session, 1);
    const reason = await lost.promise;
    this.#endSession(session);
    if (!this.#abort.signal.aborted) {
      logger.warn({ reason, connId }, 'uplink lost');
      await session.connection.end();
    }
    return reason;
  }

  #senders(connection: UplinkConnection, lose: (reason: string) => void): Record<Lane, LaneSender> {
    const { unitId, secret, bootId, outbox, clock, logger, segments, onFault } = this.#options;
    const sender = (lane: Lane) =>
      new LaneSender({
        lane,
        outbox,
        clock,
        logger,
        unitId,
        secret,
        bootId,
        wireClock: (segment) => segments.wire(segment),
        send: (payload) => connection.publish(unitTopics.up(unitId, lane), payload),
        budget: this.#budget,
        onFault,
        onSilence: () => lose(`the cloud does not answer batches of the ${lane} lane`),
      });
    return { events: sender('events'), live: sender('live'), manifest: sender('manifest'), backlog: sender('backlog') };
  }

  #greet(session: Session, attempt: number): void {
    const { unitId, bootId, software, clock, segments, outbox } = this.#options;
    const segment = segments.check();
    const hello: Hello = {
      v: 1,
      unitId,
      connId: session.connId,
      bootId,
      monoMs: Math.round(clock.monotonicMs()),
      at: clock.now(),
      protocol: { min: protocolVersion, max: protocolVersion },
      software,
      clock: segments.wire(segment),
      streams: laneNames.map((lane) => {
        const store = outbox.lane(lane);
        return { lane, epoch: store.epoch, oldest: store.oldest, head: store.head.seq };
      }),
    };
    session.hellos.set(hello.at, clock.monotonicMs());
    this.#say(session, unitTopics.hello(unitId), hello);
    this.#after(helloTimeoutMs, () => {
      if (this.#status.state !== 'greeting') return;
      if (attempt < helloTries) this.#greet(session, attempt + 1);
      else session.lose('the cloud does not answer hello');
    });
  }

  #receive(session: Session, topic: string, payload: Buffer): void {
    const { unitId } = this.#options;
    if (session !== this.#session) return;
    if (topic === unitTopics.downHello(unitId)) {
      const answer = helloAnswerSchema.safeParse(parseJson(payload));
      if (answer.success && answer.data.connId === session.connId) this.#greeted(session, answer.data);
      else this.#ignore(topic, answer.success ? 'for another connection' : answer.error.message);
    } else if (topic === unitTopics.downAck(unitId)) {
      const answer = batchAnswerSchema.safeParse(parseJson(payload));
      if (answer.success) this.#answered(session, answer.data);
      else this.#ignore(topic, answer.error.message);
    } else if (topic === unitTopics.downCommand(unitId)) {
      const message = downCommandSchema.safeParse(parseJson(payload));
      if (message.success) this.#options.onCommand(message.data);
      else this.#ignore(topic, message.error.message);
    } else if (topic === unitTopics.downSteer(unitId)) {
      const message = downSteerSchema.safeParse(parseJson(payload));
      if (message.success) this.#options.onSteer?.(message.data);
      else this.#ignore(topic, message.error.message);
    } else if (topic === unitTopics.downLive(unitId)) {
      const message = downLiveSchema.safeParse(parseJson(payload));
      if (message.success) this.#options.onLive?.(message.data);
      else this.#ignore(topic, message.error.message);
    } else if (topic === unitTopics.downRecordings(unitId)) {
      const message = downRecordingsSchema.safeParse(parseJson(payload));
      if (message.success) this.#options.onRecordings?.(message.data);
      else this.#ignore(topic, message.error.message);
    } else if (topic === unitTopics.downVision(unitId)) {
      this.#options.onVision?.();
    } else {
      this.#ignore(topic, 'unknown topic');
    }
  }

  #answered(session: Session, answer: BatchAnswer): void {
    const tookMs = session.senders[answer.lane].answer(answer);
    if (tookMs === false)
      this.#ignore(`answer ${answer.lane} ${answer.firstSeq}`, 'answers nothing that is on the wire');
    else this.#options.segments.learn(answer.serverTime, tookMs);
  }

  #greeted(session: Session, answer: HelloAnswer): void {
    const saidMs = session.hellos.get(answer.echoAt);
    if (saidMs !== undefined) {
      this.#options.segments.learn(answer.serverTime, this.#options.clock.monotonicMs() - saidMs);
    }
    this.#options.onHello?.(answer);
    if (this.#status.state === 'online') return;
    this.#clearTimers();
    this.#beat(session);
    if (answer.protocol !== protocolVersion || answer.error !== undefined) {
      this.#set('refused', answer.error ?? `the cloud does not speak protocol ${protocolVersion}`);
      this.#after(refusedHelloAgainMs, () => {
        this.#set('greeting');
        this.#greet(session, 1);
      });
      return;
    }
    this.#options.outbox.setLinkUp(true);
    this.#set('online');
    this.#options.logger.info({ connId: session.connId }, 'uplink online');
    this.#after(settledMs, () => this.#backoff.reset());
    const limits = {
      maxBatchBytes: answer.limits.maxBatchBytes || defaultBatchLimits.maxBatchBytes,
      maxBatchRows: answer.limits.maxBatchRows,
    };
    for (const lane of laneNames) {
      const { epoch } = this.#options.outbox.lane(lane);
      session.senders[lane].begin(
        answer.streams.find((one) => one.lane === lane && one.epoch === epoch),
        limits,
      );
    }
  }

  #beat(session: Session): void {
    const { unitId, clock, segments, outbox, vitals } = this.#options;
    const heartbeat: Heartbeat = {
      v: 1,
      connId: session.connId,
      at: clock.now(),
      monoMs: Math.round(clock.monotonicMs()),
      clock: segments.wire(segments.check()),
      streams: laneNames.map((lane) => ({
        lane,
        pending: outbox.lane(lane).rows,
        oldestAt: outbox.lane(lane).oldestAt(),
      })),
      ...vitals(),
    };
    this.#say(session, unitTopics.heartbeat(unitId), heartbeat);
    this.#after(this.#budget.lowData ? lowDataHeartbeatMs : heartbeatIntervalMs, () => this.#beat(session));
  }

  #say(session: Session, topic: string, message: unknown): void {
    const payload = JSON.stringify(message);
    this.#budget.charge(payload.length);
    session.connection.publish(topic, payload);
  }

  #endSession(session: Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#options.outbox.setLinkUp(false);
    this.#clearTimers();
    for (const lane of laneNames) session.senders[lane].end();
  }

  #ignore(topic: string, reason: string): void {
    this.#ignored += 1;
    // The first ones tell what goes on; a flood of them must not fill the log.
    if (this.#ignored <= 20 || this.#ignored % 1_000 === 0) {
      this.#options.logger.warn(
        { topic, reason: reason.slice(0, 500), ignored: this.#ignored },
        'message from the cloud ignored',
      );
    }
  }

  #after(delayMs: number, action: () => void): void {
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers = this.#timers.filter((one) => one !== timer);
      action();
    }, delayMs);
    this.#timers.push(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  #set(state: UplinkState, reason?: string, more: Partial<UplinkStatus> = {}): void {
    const { url, attempts } = this.#status;
    this.#status = {
      url,
      attempts,
      state,
      since: this.#options.clock.now(),
      reason,
      ignoredMessages: this.#ignored,
      ...more,
    };
    this.#options.onStatus?.(this.status);
  }
}

const parseJson = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
};

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

const deferred = <T>(): Deferred<T> => {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
