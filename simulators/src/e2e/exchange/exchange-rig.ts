import { join } from 'node:path';
import { exchangeMappingSchema } from '@hallhub/shared/exchange';
import pino from 'pino';
import { folderBlobStore } from '../../../../cloud/src/blobs/index.js';
import type { HasTeardown } from '../../../../cloud/src/db/testing.js';
import { createApp } from '../../../../cloud/src/http/create-app.js';
import { listen } from '../../../../cloud/src/http/listen.js';
import { MetricsRegistry } from '../../../../cloud/src/http/metrics.js';
import { postgresIdempotency } from '../../../../cloud/src/http/postgres-idempotency.js';
import type { VerbContext } from '../../../../cloud/src/modules/access/verb-context.js';
import { createSealing } from '../../../../cloud/src/modules/pki/sealing.js';
import { type Exchange, type ExchangeDeps, openExchange } from '../../../../cloud/src/modules/ticket-exchange/index.js';
import { createChannel } from '../../../../cloud/src/modules/ticket-exchange/verbs/channels.js';
import { runComparison } from '../../../../cloud/src/modules/ticket-exchange/verbs/probe.js';
import { registerTicketHook } from '../../../../cloud/src/modules/tickets/index.js';
import { bringUpTickets, type TestTickets } from '../../../../cloud/src/modules/tickets/testing.js';
import { type HubAddress, Platform12345 } from '../../peers/platform-12345/platform.js';
import { waitUntil } from '../wait-until.js';
import { exchangeKind, exchangeMapping } from './exchange-kind.js';
import type { HubDesk } from './hub-people.js';

export interface ChannelOptions {
  readonly code?: string;
  /** Beside what every channel of the rig has. */
  readonly mapping?: object;
  /** False: the platform only calls the hub. */
  readonly isCalled?: boolean;
}

export interface RigChannel {
  readonly platform: Platform12345;
  readonly channelId: string;
  readonly hub: HubAddress;
}

export interface ExchangeRig extends HubDesk {
  readonly tickets: TestTickets;
  readonly exchange: Exchange;
  readonly deps: ExchangeDeps;
  readonly platform: Platform12345;
  readonly channelId: string;
  /** Where the platform calls. */
  readonly url: string;
  /** The hub’s people act in the system’s name, which may do anybody’s task. */
  readonly ctx: VerbContext;
  addChannel(of: ChannelOptions): Promise<RigChannel>;
  compare(): ReturnType<typeof runComparison>;
}

/** A hub with its database and a platform, each at its own end of real HTTP, and a channel between them. */
export const bringUpExchange = async (
  t: HasTeardown,
  { seed = 1 }: { readonly seed?: number } = {},
): Promise<ExchangeRig> => {
  const tickets = await bringUpTickets(t, { kinds: [exchangeKind] });
  const { db, clock, bus, folder, tenantId } = tickets;
  await db.ownerPool.query('INSERT INTO offices (id, tenant_id, code, name) VALUES (gen_random_uuid(), $1, $2, $3)', [
    ...[tenantId, 'platform_12345', '12345 平台'],
  ]);
  const log = pino({ level: process.env.LOG ?? 'silent' });
  const sealing = createSealing('test-secret-of-32-characters-or-more');
  const deps: ExchangeDeps = {
    ...{ database: db, clock, live: bus, log, sealing, allowPrivate: true },
    ...{ blobs: folderBlobStore(join(folder, 'blobs')), uploadsDir: join(folder, 'uploads') },
  };
  const exchange = openExchange(deps);
  t.teardown(() => exchange.close());
  registerTicketHook(db, exchange.hook);
  const app = await createApp({
    ...{ verbContext: { db, clock, live: bus }, routes: [], mounts: [exchange.mount], checkAnswers: true, log, clock },
    ...{ idempotency: postgresIdempotency(db, clock), checks: {}, metrics: new MetricsRegistry(), metricsToken: null },
    authenticator: { authenticate: async () => null },
    ...{ publicUrl: null, trustedProxies: 0, consoleFolder: '/nonexistent', version: '0.0.0-test' },
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close(500));
  const ctx = tickets.systemContext();
  const addChannel: ExchangeRig['addChannel'] = async ({ mapping = {}, isCalled = true, code = 'city-12345' }) => {
    const platform = await Platform12345.open({ seed, retryMs: 25 });
    t.teardown(() => platform[Symbol.asyncDispose]());
    const made = await createChannel(ctx, {
      ...{ code, name: '市 12345', partner: '12345', baseUrl: isCalled ? platform.url : null, hallId: null, sealing },
      mapping: exchangeMappingSchema.parse({ ...exchangeMapping, ...mapping }),
    });
    const hub = { keyId: made.keyId, secret: made.secret, url: `${server.url}${made.channel.ourPath}` };
    platform.connect(hub);
    return { platform, channelId: made.channel.id, hub };
  };
  const { platform, channelId, hub } = await addChannel({});
  return {
    ...{ tickets, exchange, deps, platform, channelId, url: hub.url, ctx, addChannel },
    ...{ works: tickets.offices.works, rows: tickets.rows },
    act: async (ticketId, command) => void (await tickets.act(ctx, ticketId, command)),
    compare: () => runComparison(ctx, { channelId, deps }),
  };
};

/** Until nothing is on its way in either direction: what the one answers may be what the other begins with. */
export const nothingUnderWay = (rig: ExchangeRig, platform = rig.platform) =>
  waitUntil(
    'nothing to be on its way',
    async () => {
      rig.exchange.sender.wake();
      await rig.exchange.sender.settled();
      await rig.tickets.clock.advance(1_500);
      if (!platform.isIdle) return false;
      const [open] = await rig.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM exchange_messages WHERE state = 'waiting'`,
        [],
      );
      return open?.n === 0 && platform.isIdle;
    },
    { everyMs: 20 },
  );
