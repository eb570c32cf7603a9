import { type Clock, systemClock } from '@hallhub/shared';
import type { LiveBus, LiveEvent } from './live-port.js';

/** One process's bus: delivers in order, synchronously; a listener that throws is reported and does not stop its neighbours. */
export const inProcessLiveBus = (
  options: { readonly clock?: Clock; readonly onError?: (error: unknown) => void } = {},
): LiveBus => {
  const { clock = systemClock, onError = () => {} } = options;
  const byTenant = new Map<string, Set<(event: LiveEvent) => void>>();
  return {
    publish(event) {
      const stamped = event.atMs === undefined ? { ...event, atMs: clock.now() } : event;
      for (const listener of byTenant.get(event.tenantId) ?? []) {
        try {
          listener(stamped);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(tenantId, listener) {
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
