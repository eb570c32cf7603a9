import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { MetricsRegistry } from '../../http/metrics.js';
import type { BrokerLiveBusOptions } from './broker-live-bus.js';
import { inProcessLiveBus } from './in-process-live-bus.js';
import type { LiveBus } from './live-port.js';

/** Over the broker where there is one of the operator's own (there may be other processes), else in this process alone. */
export const openLiveBus = async (
  config: { readonly mqttUrl: string | null },
  deps: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly metrics: MetricsRegistry;
    readonly tls?: BrokerLiveBusOptions['tls'];
  },
): Promise<LiveBus & { close(): Promise<void> }> => {
  const { clock, log, metrics, tls } = deps;
  if (config.mqttUrl === null) {
    const bus = inProcessLiveBus({ clock, onError: (error) => log.error({ err: error }, 'a live listener failed') });
    return { ...bus, close: async () => {} };
  }
  // Loaded here: most installations have no broker of their own, and its client is large.
  const { brokerLiveBus } = await import('./broker-live-bus.js');
  const bus = brokerLiveBus({ url: config.mqttUrl, clock, log, ...(tls ? { tls } : undefined) });
  metrics.gaugeOf({ name: 'hallhub_live_bus_connected', help: '1: changes of other cloud processes are heard' }, () =>
    Number(bus.connected()),
  );
  metrics.gaugeOf(
    { name: 'hallhub_live_bus_dropped', help: 'Changes that other processes were told to fetch instead' },
    () => bus.dropped(),
  );
  return bus;
};
