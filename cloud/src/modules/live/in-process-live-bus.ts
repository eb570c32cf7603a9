import { type Clock, systemClock } from '@hallhub/shared';
import type { LiveBus, LiveEvent, LiveListener } from './live-port.js';

/** The part of a bus that its own process's listeners hang on. */
export interface LocalLiveBus extends LiveBus {
  /** Tells the listeners of one tenant, or of all, that something may have been missed. */
  gap(tenantId?: string): void;
  /** Tenants that somebody listens to. */
  tenants(): readonly string[];
}

/** One process's bus: delivers in order, synchronously; a listener that throws is reported and does not stop its neighbours. */
export const inProcessLiveBus = (
  options: { readonly clock?: Clock; readonly onError?: (error: unknown) => void } = {},
): LocalLiveBus => {
  const { clock = systemClock, onError = () => {} } = options;
  const byTenant = new Map<string, Set<LiveListener>>();
  const tell = (listeners: Iterable<LiveListener>, say: (listener: LiveListener) => void): void => {
    for (const listener of listeners) {
      try {
        say(listener);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    publish(event) {
      const stamped: LiveEvent = event.atMs === undefined ? { ...event, atMs: clock.now() } : event;
      tell(byTenant.get(event.tenantId) ?? [], (listener) => listener.onEvent(stamped));
    },
    gap(tenantId) {
      const concerned = tenantId === undefined ? [...byTenant.values()] : [byTenant.get(tenantId) ?? new Set()];
      for (const listeners of concerned) tell(listeners, (listener) => listener.onGap?.());
    },
    tenants: () => [...byTenant.keys()],
    subscribe(tenantId, given) {
      const listener: LiveListener = typeof given === 'function' ? { onEvent: given } : given;
      const listeners = byTenant.get(tenantId) ?? new Set();
      byTenant.set(tenantId, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) byTenant.delete(tenantId);
      };
    },
  };
};
