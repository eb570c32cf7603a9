import type { Clock } from '@hallhub/shared';
import {
  type BatchLimits,
  defaultBatchLimits,
  heartbeatSchema,
  helloSchema,
  type Lane,
  laneSchema,
  unitPresenceSchema,
  unitTopics,
} from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Database, Tx } from '../../db/index.js';
import type { CloudMessaging, UnitMessage } from '../../mqtt/index.js';
import { HeartbeatBuffer } from '../fleet/heartbeat-buffer.js';
import { unitLeft } from '../fleet/leave.js';
import { sayHello } from '../fleet/say-hello.js';
import { SilenceWatch } from '../fleet/silence-watch.js';
import type { UnitPresenceChange } from '../fleet/unit-presence.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import type { RowWriters } from './apply-rows.js';
import { busyOutcome, type IngestOutcome, ingestBatch } from './ingest-batch.js';
import { ingestTogether } from './ingest-together.js';
import { KnownStreams } from './known-streams.js';
import { classOfLane, defaultIntake, type IntakeClass, UnitIntake } from './unit-intake.js';

export interface UnitLinkOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly messaging: CloudMessaging;
  readonly writers: RowWriters;
  /** Inside the transaction that moved the unit (alarms on presence). */
  readonly onUnitOnline: (tx: Tx, change: UnitPresenceChange) => Promise<readonly LiveEvent[]>;
  readonly onUnitOffline: (tx: Tx, changes: readonly UnitPresenceChange[]) => Promise<readonly LiveEvent[]>;
  /** A unit has said hello and got its answer: what waits for it may go. */
  readonly onMet: (unitId: string) => void;
  readonly onOutcome?: (lane: Lane, outcome: IngestOutcome, durationMs: number, unitId: string) => void;
  readonly limits?: BatchLimits;
  /** Told in each answer to hello. */
  readonly trustVersion?: (() => string) | undefined;
  /** Batches written at the same time; leave connections of the pool for requests. */
  readonly concurrency?: number;
}

/** A batch on its way to its answer. */
interface ArrivedBatch {
  readonly unitId: string;
  readonly lane: Lane;
  readonly payload: Uint8Array;
}

export interface UnitLink {
  /** Stops listening, finishes what runs, writes what was collected. */
  close(): Promise<void>;
}

/**
 * The cloud's end of the link: takes what units publish, keeps one task a stream at a time, and answers. It knows nothing that
 * the database does not know, so any process may serve any message.
 */
export const startUnitLink = (options: UnitLinkOptions): UnitLink => {
  const { database, clock, live, log, messaging } = options;
  const limits = options.limits ?? defaultBatchLimits;
  /** Hellos that wait, by unit and connection: the same once more changes nothing. */
  const greeting = new Set<string>();
  const shared = { database, clock, live, log, limits };
  const ingest = { ...shared, writers: options.writers };
  const known = new KnownStreams();
  const heartbeats = new HeartbeatBuffer({ ...shared, onOnline: options.onUnitOnline });
  const leave = { ...shared, onOffline: options.onUnitOffline };
  const silence = new SilenceWatch({
    ...leave,
    hears: () =>
      messaging.check().then(
        () => true,
        () => false,
      ),
  }).start();

  const answer = async (topic: string, body: unknown): Promise<void> => {
    try {
      await messaging.publish(topic, JSON.stringify(body));
    } catch (error) {
      log.debug({ err: error, topic }, 'an answer could not be sent: the unit will ask again');
    }
  };

  const finish = (batch: ArrivedBatch, outcome: IngestOutcome, tookMs: number): void => {
    const { unitId, lane } = batch;
    known.note(unitId, lane, outcome);
    void answer(unitTopics.downAck(unitId), outcome.answer);
    options.onOutcome?.(lane, outcome, tookMs, unitId);
  };

  /** Never throws: a fault of ours is logged, and the units ask again. */
  const commit = async (batches: readonly ArrivedBatch[]): Promise<void> => {
    const startMs = clock.monotonicMs();
    const done = (i: number, outcome: IngestOutcome): void => {
      const batch = batches[i];
      if (batch) finish(batch, outcome, clock.monotonicMs() - startMs);
    };
    try {
      const [first] = batches;
      if (first && batches.length === 1) done(0, await ingestBatch(ingest, first));
      else await ingestTogether(ingest, batches, done);
    } catch (error) {
      log.warn({ err: error, units: batches.map(({ unitId }) => unitId) }, 'batches could not be handled');
    }
  };
  const intake = new UnitIntake<ArrivedBatch>(defaultIntake(options.concurrency), undefined, commit);

  const read = <S extends z.ZodType>(schema: S, { unitId, channel, payload }: UnitMessage): z.output<S> | undefined => {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(payload).toString('utf8'));
    } catch {
      json = undefined;
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    log.warn({ unitId, channel, issues: parsed.error.issues.slice(0, 3) }, 'a message broke its contract');
    return undefined;
  };

  const run = (message: UnitMessage, of: IntakeClass, task: () => Promise<void>): ReturnType<typeof intake.push> => {
    const { unitId, channel, payload } = message;
    const result = intake.push(unitId, of === 'session' ? of : channel, of, {
      bytes: payload.byteLength,
      run: async () => {
        try {
          await task();
        } catch (error) {
          log.warn({ err: error, unitId, channel }, 'a message could not be handled');
        }
      },
    });
    if (result !== 'taken') log.debug({ unitId, channel, result }, 'dropped: too much waits already');
    return result;
  };

  const onHello = (message: UnitMessage): void => {
    const hello = read(helloSchema, message);
    if (!hello || hello.unitId !== message.unitId) return;
    const greeted = `${message.unitId} ${hello.connId}`;
    if (greeting.has(greeted)) return;
    greeting.add(greeted);
    const result = run(message, 'session', async () => {
      greeting.delete(greeted);
      const answered = await sayHello(
        { ...shared, trustVersion: options.trustVersion, onOnline: options.onUnitOnline },
        hello,
      );
      if (!answered) return;
      await answer(unitTopics.downHello(message.unitId), answered);
      if (answered.protocol !== null) options.onMet(message.unitId);
    });
    if (result !== 'taken') greeting.delete(greeted);
  };

  const onBatch = (batch: ArrivedBatch): void => {
    const { unitId, lane, payload } = batch;
    const together = known.has(unitId, lane);
    const result = intake.push(unitId, `up/${lane}`, classOfLane(lane, together), {
      bytes: payload.byteLength,
      run: () => commit([batch]),
      ...(together ? { batch } : undefined),
    });
    if (result === 'full') {
      const outcome = busyOutcome(lane, payload, clock.now());
      if (outcome) finish(batch, outcome, 0);
    } else if (result === 'repeated') log.debug({ unitId, lane }, 'a batch that waits already');
  };

  messaging.onMessage((message) => {
    const { channel, unitId } = message;
    if (channel.startsWith('up/')) {
      const lane = laneSchema.safeParse(channel.slice('up/'.length));
      if (lane.success) onBatch({ unitId, lane: lane.data, payload: message.payload });
    } else if (channel === 'hello') {
      onHello(message);
    } else if (channel === 'heartbeat') {
      const heartbeat = read(heartbeatSchema, message);
      if (heartbeat) heartbeats.add(unitId, heartbeat);
    } else if (channel === 'presence') {
      const presence = read(unitPresenceSchema, message);
      // In line behind the hello of the same unit: a goodbye never overtakes it.
      if (presence) run(message, 'session', () => unitLeft(leave, unitId, presence).then(() => undefined));
    }
  });

  return {
    close: async () => {
      messaging.onMessage(() => {});
      await silence.close();
      await intake.idle();
      await heartbeats.close();
    },
  };
};
