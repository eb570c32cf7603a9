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
import { type IngestOutcome, ingestBatch } from './ingest-batch.js';
import { KeyedQueue } from './keyed-queue.js';

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
  /** Batches written at the same time; leave connections of the pool for requests. */
  readonly concurrency?: number;
}

export interface UnitLink {
  /** Stops listening, finishes what runs, writes what was collected. */
  close(): Promise<void>;
}

/** A unit sends one batch a lane; one more may wait because it asked again. What is beyond is dropped: it will ask again. */
const maxWaiting = 1;

/**
 * The cloud's end of the link: takes what units publish, keeps one task a stream at a time, and answers. It knows nothing that
 * the database does not know, so any process may serve any message.
 */
export const startUnitLink = (options: UnitLinkOptions): UnitLink => {
  const { database, clock, live, log, messaging } = options;
  const limits = options.limits ?? defaultBatchLimits;
  const queue = new KeyedQueue({ maxRunning: options.concurrency ?? 8, maxWaiting });
  const shared = { database, clock, live, log, limits };
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

  const run = (key: string, message: UnitMessage, task: () => Promise<void>): void => {
    const taken = queue.push(key, async () => {
      try {
        await task();
      } catch (error) {
        log.warn({ err: error, unitId: message.unitId, channel: message.channel }, 'a message could not be handled');
      }
    });
    if (!taken) log.debug({ unitId: message.unitId, channel: message.channel }, 'dropped: too many wait already');
  };

  const onHello = (message: UnitMessage): void => {
    const hello = read(helloSchema, message);
    if (!hello || hello.unitId !== message.unitId) return;
    run(`${message.unitId} session`, message, async () => {
      const answered = await sayHello({ ...shared, onOnline: options.onUnitOnline }, hello);
      if (!answered) return;
      await answer(unitTopics.downHello(message.unitId), answered);
      if (answered.protocol !== null) options.onMet(message.unitId);
    });
  };

  const onBatch = (message: UnitMessage, lane: Lane): void =>
    run(`${message.unitId} ${lane}`, message, async () => {
      const startMs = clock.monotonicMs();
      const outcome = await ingestBatch(
        { ...shared, writers: options.writers },
        { unitId: message.unitId, lane, payload: message.payload },
      );
      await answer(unitTopics.downAck(message.unitId), outcome.answer);
      options.onOutcome?.(lane, outcome, clock.monotonicMs() - startMs, message.unitId);
    });

  messaging.onMessage((message) => {
    const { channel, unitId } = message;
    if (channel.startsWith('up/')) {
      const lane = laneSchema.safeParse(channel.slice('up/'.length));
      if (lane.success) onBatch(message, lane.data);
    } else if (channel === 'hello') {
      onHello(message);
    } else if (channel === 'heartbeat') {
      const heartbeat = read(heartbeatSchema, message);
      if (heartbeat) heartbeats.add(unitId, heartbeat);
    } else if (channel === 'presence') {
      const presence = read(unitPresenceSchema, message);
      // In line behind the hello of the same unit: a goodbye never overtakes it.
      if (presence) run(`${unitId} session`, message, () => unitLeft(leave, unitId, presence).then(() => undefined));
    }
  });

  return {
    close: async () => {
      messaging.onMessage(() => {});
      await silence.close();
      await queue.idle();
      await heartbeats.close();
    },
  };
};
