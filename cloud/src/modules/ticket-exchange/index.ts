import type { Hono } from 'hono';
import type { HttpEnv } from '../../http/env.js';
import type { AnyRoute } from '../../http/route.js';
import type { JobDefinition } from '../../jobs/index.js';
import type { TicketHook } from '../tickets/ticket-hooks.js';
import { exchangeHook } from './desk/exchange-hook.js';
import type { ExchangeDeps } from './exchange-deps.js';
import { exchangeJobs } from './jobs.js';
import { mountExchange } from './receive/peer-app.js';
import { exchangeRoutes } from './routes.js';
import { ExchangeSender } from './send/exchange-sender.js';

export type { ExchangeDeps } from './exchange-deps.js';
export { ExchangeSender } from './send/exchange-sender.js';

export interface Exchange {
  readonly routes: readonly AnyRoute[];
  readonly jobs: readonly JobDefinition[];
  /** To be registered with the tickets. */
  readonly hook: TicketHook;
  readonly sender: ExchangeSender;
  /** What platforms call, beside the API. */
  mount(app: Hono<HttpEnv>): void;
  close(): Promise<void>;
}

/** Tickets to and from outside platforms. */
export const openExchange = (deps: ExchangeDeps, options: { readonly everyMs?: number } = {}): Exchange => {
  const sender = new ExchangeSender(deps, options).start();
  return {
    routes: exchangeRoutes(deps, (channelId) => sender.forgive(channelId)),
    jobs: exchangeJobs(deps),
    hook: exchangeHook(deps, (channelId) => sender.wake(channelId)),
    sender,
    mount: (app) => mountExchange(app, deps),
    close: () => sender.close(),
  };
};
