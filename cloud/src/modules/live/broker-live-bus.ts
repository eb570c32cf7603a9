import { Socket } from 'node:net';
import { type Clock, systemClock, type Timer, uuidv7 } from '@hallhub/shared';
import mqtt, { type IClientOptions } from 'mqtt';
import type { Logger } from 'pino';
import { z } from 'zod';
import { liveTopicSchema } from './contract.js';
import { inProcessLiveBus } from './in-process-live-bus.js';
import type { LiveBus, LiveEvent } from './live-port.js';

export interface BrokerLiveBusOptions {
  /** `mqtt://user:password@host:1883`; the account needs to read and write `hh/1/live/#`. */
  readonly url: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
}

export interface BrokerLiveBus extends LiveBus {
  connected(): boolean;
  /** Events that were not handed to the broker: other processes' browsers were told to fetch again instead. */
  dropped(): number;
  close(): Promise<void>;
}

const root = 'hh/1/live';
const everyHall = '+';
const wholeTenant = 'all';
/** Every process listens here; also the will of one that dies: whatever it had committed and not said is fetched again. */
const gapTopic = `${root}/gap`;

/** Events of one hall in this time travel in one message. */
const gatherMs = 20;
const maxGathered = 2_000;
const maxMessageBytes = 256 * 1024;
/** What waits in the socket beyond this is a broker that cannot keep up. */
const maxUnsentBytes = 4 * 1024 * 1024;
/** While the broker is away browsers are told this often, so that they are late instead of wrong. */
const awayMs = 20_000;

const eventSchema = z.object({
  hallId: z.string().nullable(),
  deviceId: z.string().optional(),
  personIds: z.array(z.string()).optional(),
  topic: liveTopicSchema,
  type: z.string(),
  atMs: z.number(),
  data: z.unknown(),
});
const messageSchema = z.object({ v: z.literal(1), from: z.string(), events: z.array(eventSchema).max(maxGathered) });
const gapSchema = z.object({ v: z.literal(1), from: z.string(), tenantId: z.string().nullable() });

/**
 * The bus between several cloud processes: what one committed, browsers of all of them see. Nothing is stored and nothing is waited
 * for; wherever something may have been lost, the listeners are told so and fetch again.
 */
export const brokerLiveBus = (options: BrokerLiveBusOptions): BrokerLiveBus => {
  const { log, clock = systemClock } = options;
  const from = uuidv7();
  const local = inProcessLiveBus({ clock, onError: (error) => log.error({ err: error }, 'a live listener failed') });
  const gathered = new Map<string, LiveEvent[]>();
  /** Tenants whose events were not said; null: of all. */
  let unsaid: Set<string> | null = new Set();
  let gatheredCount = 0;
  let dropped = 0;
  let flushTimer: Timer | undefined;
  let awayTimer: Timer | undefined;
  let closed = false;
  let wasConnected = false;

  const gapMessage = (tenantId: string | null) => JSON.stringify({ v: 1, from, tenantId });
  const client = mqtt.connect(options.url, {
    ...options.tls,
    clean: true,
    clientId: `hallhub-live-${from}`,
    keepalive: 15,
    reconnectPeriod: 1_000,
    connectTimeout: 10_000,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: gapTopic, payload: Buffer.from(gapMessage(null)), qos: 1, retain: false },
  } satisfies IClientOptions);

  const subscriptionOf = (tenantId: string): string => `${root}/${tenantId}/${everyHall}`;
  const subscribe = (topics: readonly string[]): void => {
    if (topics.length === 0 || !client.connected) return;
    client.subscribe([...topics], { qos: 0 }, (error) => {
      // Not connected any more: the next connection subscribes to everything again.
      if (error && client.connected) log.warn({ err: error }, 'live changes of other processes cannot be heard');
      // What was said before the broker knew of us is fetched.
      else if (!error) for (const topic of topics) local.gap(topic === gapTopic ? undefined : topic.split('/')[3]);
    });
  };

  const lose = (tenantId: string, count: number): void => {
    dropped += count;
    if (unsaid && unsaid.size < 1_000) unsaid.add(tenantId);
    else unsaid = null;
  };

  const say = (topic: string, payload: string): boolean => {
    const unsent = client.stream instanceof Socket ? client.stream.writableLength : 0;
    if (!client.connected || payload.length > maxMessageBytes || unsent > maxUnsentBytes) return false;
    client.publish(topic, payload, { qos: 0 });
    return true;
  };

  const sayGaps = (): void => {
    if (unsaid === null) {
      if (say(gapTopic, gapMessage(null))) unsaid = new Set();
      return;
    }
    for (const tenantId of [...unsaid]) if (say(gapTopic, gapMessage(tenantId))) unsaid.delete(tenantId);
  };

  const flush = (): void => {
    flushTimer = undefined;
    gatheredCount = 0;
    const all = [...gathered];
    gathered.clear();
    sayGaps();
    for (const [topic, events] of all) {
      const payload = JSON.stringify({
        ...{ v: 1, from },
        events: events.map(({ tenantId: _, ...event }) => event),
      });
      if (!say(topic, payload)) lose(events[0]!.tenantId, events.length);
    }
  };

  /** Said over and over while the broker is away: other processes go on committing. */
  const away = (): void => {
    awayTimer?.cancel();
    awayTimer = undefined;
    if (closed || client.connected) return;
    local.gap();
    awayTimer = clock.setTimeout(away, awayMs);
  };

  client.on('connect', () => {
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    awayTimer?.cancel();
    awayTimer = undefined;
    if (wasConnected) log.info('live changes of other processes are heard again');
    wasConnected = true;
    subscribe([gapTopic, ...local.tenants().map(subscriptionOf)]);
    sayGaps();
  });
  client.on('close', () => {
    if (!closed && !awayTimer) away();
  });
  client.on('error', (error) => log.debug({ err: error }, 'the live connection to the broker is in trouble'));
  client.on('message', (topic, payload) => {
    let json: unknown;
    try {
      json = JSON.parse(payload.toString('utf8'));
    } catch {
      return;
    }
    if (topic === gapTopic) {
      const gap = gapSchema.safeParse(json);
      if (gap.success && gap.data.from !== from) local.gap(gap.data.tenantId ?? undefined);
      return;
    }
    const message = messageSchema.safeParse(json);
    const tenantId = topic.split('/')[3];
    if (!message.success || !tenantId || message.data.from === from) return;
    for (const { deviceId, personIds, ...event } of message.data.events) {
      local.publish({ ...event, tenantId, ...(deviceId && { deviceId }), ...(personIds && { personIds }) });
    }
  });

  const listeners = new Map<string, number>();
  return {
    publish(event) {
      const stamped: LiveEvent = event.atMs === undefined ? { ...event, atMs: clock.now() } : event;
      local.publish(stamped);
      if (closed) return;
      if (!client.connected || gatheredCount >= maxGathered) return lose(event.tenantId, 1);
      const topic = `${root}/${event.tenantId}/${event.hallId ?? wholeTenant}`;
      const list = gathered.get(topic) ?? [];
      gathered.set(topic, list);
      list.push(stamped);
      gatheredCount++;
      flushTimer ??= clock.setTimeout(flush, gatherMs);
    },
    subscribe(tenantId, listener) {
      const unsubscribe = local.subscribe(tenantId, listener);
      const count = (listeners.get(tenantId) ?? 0) + 1;
      listeners.set(tenantId, count);
      if (count === 1) subscribe([subscriptionOf(tenantId)]);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        unsubscribe();
        const now = (listeners.get(tenantId) ?? 1) - 1;
        if (now > 0) return void listeners.set(tenantId, now);
        listeners.delete(tenantId);
        if (client.connected && !closed) client.unsubscribe(subscriptionOf(tenantId));
      };
    },
    connected: () => client.connected,
    dropped: () => dropped,
    close: async () => {
      closed = true;
      awayTimer?.cancel();
      flushTimer?.cancel();
      if (gathered.size > 0) flush();
      await client.endAsync(!client.connected);
    },
  };
};
