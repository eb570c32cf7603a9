import type { Clock, Timer } from '@hallhub/shared';
import type { Actor } from '../access/actor.js';
import { concerns, isAccessChange } from './access-changed.js';
import { type LiveSubscription, mayReceive } from './live-filter.js';
import type { LiveBus, LiveEvent } from './live-port.js';

export const heartbeatMs = 15_000;
const gatherGapsMs = 500;
/** A reader who is this far behind is closed: it reconnects and refetches. */
export const maxWaitingBytes = 512 * 1024;

/** Events that wait while rights are looked up again; more means that the look-up hangs. */
const maxHeldEvents = 1_000;

export interface LiveStreamOptions {
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly actor: Actor;
  readonly subscription: LiveSubscription;
  /** Asked at every heartbeat: the actor with today's grants, or null where the session has ended. */
  readonly refresh: () => Promise<Actor | null>;
  /** `slow`: the reader was dropped; `ended`: its session is over; `left`: it went; `stopped`: the server stops. */
  readonly onClose?: (reason: LiveCloseReason) => void;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
}

export type LiveCloseReason = 'slow' | 'ended' | 'left' | 'stopped';

const encoder = new TextEncoder();
const frame = (name: string, data: unknown) => encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

/** Server-sent events for one browser. The stream buffers at most `maxWaitingBytes`, whatever the reader does. */
export const liveStream = (options: LiveStreamOptions): ReadableStream<Uint8Array> => {
  const { bus, clock, subscription, signal } = options;
  let { actor } = options;
  let close: (reason: LiveCloseReason) => void = () => {};

  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    let timer: Timer | undefined;
    let open = true;
    close = (reason) => {
      if (!open) return;
      open = false;
      timer?.cancel();
      gapTimer?.cancel();
      unsubscribe();
      signal.removeEventListener('abort', onStop);
      if (reason === 'slow') controller.error(new Error('The reader could not keep up'));
      else if (reason !== 'left') controller.close();
      options.onClose?.(reason);
    };
    const onStop = () => close('stopped');
    const send = (bytes: Uint8Array): void => {
      if (!open) return;
      // desiredSize is the bound minus what waits: at or below zero the reader is too slow.
      if ((controller.desiredSize ?? 0) <= 0) close('slow');
      else controller.enqueue(bytes);
    };
    // Rights changed: nothing goes out before they are known again. Where they cannot be known the stream ends.
    let held: LiveEvent[] | null = null;
    let again = false;
    const recheck = async (): Promise<void> => {
      again = true;
      if (held) return;
      held = [];
      let now: Actor | null = actor;
      while (again && now && open) {
        again = false;
        now = await options.refresh().catch(() => null);
      }
      const waiting = held;
      held = null;
      if (!open) return;
      if (!now) return close('ended');
      actor = now;
      for (const event of waiting) onEvent(event);
    };
    const onEvent = (event: LiveEvent): void => {
      if (isAccessChange(event)) {
        if (concerns(event, actor)) void recheck();
        return;
      }
      if (held) {
        if (held.push(event) > maxHeldEvents) close('slow');
        return;
      }
      if (!mayReceive(actor, subscription, event)) return;
      const { topic, type, data, atMs } = event;
      send(frame(type, { topic, type, at: new Date(atMs ?? clock.now()).toISOString(), data }));
    };
    let gapTimer: Timer | undefined;
    const onGap = (): void => {
      // A reconnecting broker and a dying process say so several times: one fetch does for all of them.
      gapTimer ??= clock.setTimeout(() => {
        gapTimer = undefined;
        send(
          frame('refetch', { topic: 'overview', type: 'refetch', at: new Date(clock.now()).toISOString(), data: {} }),
        );
      }, gatherGapsMs);
    };
    const beat = async (): Promise<void> => {
      const now = await options.refresh().catch(() => actor);
      if (!open) return;
      if (!now) return close('ended');
      actor = now;
      send(encoder.encode(': still here\n\n'));
      timer = clock.setTimeout(() => void beat(), heartbeatMs);
    };
    const unsubscribe = bus.subscribe(actor.tenantId, { onEvent, onGap });
    signal.addEventListener('abort', onStop, { once: true });
    send(frame('hello', { serverTime: new Date(clock.now()).toISOString() }));
    timer = clock.setTimeout(() => void beat(), heartbeatMs);
    if (signal.aborted) close('stopped');
  };

  return new ReadableStream<Uint8Array>(
    { start, cancel: () => close('left') },
    { highWaterMark: maxWaitingBytes, size: (chunk) => chunk?.byteLength ?? 0 },
  );
};
