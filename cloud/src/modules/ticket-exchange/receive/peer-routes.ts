import { uuidPattern } from '@hallhub/shared';
import { exchangeAnswerText, exchangeHeaders, exchangeRefusals } from '@hallhub/shared/exchange';
import { and, eq, isNull } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import { withSystem } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import { RateLimit } from '../../../http/rate-limit.js';
import { hmacHex, sha256Hex } from '../channel/channel-secret.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { type ChannelRow, exchangeChannels } from '../tables.js';
import { noteCall } from './note-refused.js';
import { readSigned } from './read-signed.js';
import { Refused, RefusedMessage } from './refused.js';
import { namesKey, RefusedKnown, type Verified, verifyRequest } from './verify-request.js';

const exchangePrefix = '/exchange/v1';

export interface Answered {
  readonly body: object;
  readonly messageId?: string;
}

export interface PeerCallIn {
  readonly body: string;
  readonly query: (name: string) => string | undefined;
  readonly param: (name: string) => string;
}

export interface PeerRoute {
  readonly method: 'GET' | 'POST';
  /** Below the channel’s address, as the router wants it. */
  readonly name: string;
  readonly maxBytes?: number;
  /** Of one channel: what is large is held in memory. */
  readonly mostAtOnce?: number;
  /** Every call is written down, not only those that were refused. */
  readonly isNoted?: boolean;
  readonly handle: (channel: ChannelRow, call: PeerCallIn) => Promise<Answered>;
}

interface Mounted {
  readonly routes: readonly PeerRoute[];
  readonly asRefused: (error: unknown) => Refused;
}

/** Each call signed, bounded, answered in the channel’s name and written down. */
export const mountPeerRoutes = (app: Hono<HttpEnv>, deps: ExchangeDeps, { routes, asRefused }: Mounted): void => {
  const calls = new RateLimit(deps.clock, { burst: 600, perMinute: 3_000 });
  /** What strangers send is written down, but not as often as they like. */
  const strangers = new RateLimit(deps.clock, { burst: 20, perMinute: 6 });
  const running = new Map<string, number>();
  for (const route of routes) {
    const path = `${exchangePrefix}/:channelId/${route.name}`;
    app.on(route.method, path, async (c) => {
      c.set('routePattern', path.replace(/:(\w+)/g, '{$1}'));
      const startMs = deps.clock.monotonicMs();
      const channel = await findChannel(deps, c.req.param('channelId') ?? '');
      if (!channel) return c.json(new Refused('signature', 'There is no such channel').answer(), 401);
      let verified: Verified | undefined;
      let answered: Answered;
      let refused: Refused | undefined;
      const key = `${channel.id} ${route.name}`;
      const leave = enter(running, key, route.mostAtOnce ?? Number.POSITIVE_INFINITY);
      try {
        if (!leave) throw new Refused('busy', 'Other files are on their way');
        const read = await readCall(deps, channel, { route, c });
        verified = read.verified;
        if (!isTaken(calls, channel.id)) throw new Refused('too_many', 'Too many messages; go slower');
        if (channel.pausedAt) throw new Refused('paused', 'The channel is paused');
        if (read.body === undefined) throw new Refused('too_large', `More than ${route.maxBytes ?? 0} bytes`);
        answered = await route.handle(channel, {
          ...{ body: read.body, query: (name) => c.req.query(name), param: (name) => c.req.param(name) ?? '' },
        });
      } catch (error) {
        refused = asRefused(error);
        if (error instanceof RefusedKnown) verified = error.to;
        const isMessage = refused instanceof RefusedMessage;
        if (refused.code === 'busy' && leave) {
          const err = isMessage ? (refused as RefusedMessage).cause : error;
          c.get('log').warn({ err }, 'a message of a platform was not taken');
        }
        const messageId = isMessage ? (refused as RefusedMessage).messageId : undefined;
        answered = { body: refused.answer(), ...(messageId === undefined ? {} : { messageId }) };
      } finally {
        leave?.();
      }
      const status = refused ? exchangeRefusals[refused.code].status : 200;
      if (refused ? verified || isTaken(strangers, channel.id) : route.isNoted) {
        await noteCall(deps, channel, {
          ...{ messageId: answered.messageId ?? null, status, ip: c.get('ip') },
          ...{ code: refused?.code ?? resultOf(answered.body), detail: refused?.detail ?? null },
          ...{ tookMs: Math.round(deps.clock.monotonicMs() - startMs), answer: answered.body },
        });
      }
      const text = JSON.stringify(answered.body);
      const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      if (verified) {
        const signed = exchangeAnswerText({ status, nonce: verified.nonce, bodySha256: sha256Hex(text) });
        headers[exchangeHeaders.signature] = hmacHex(verified.secret, signed);
      }
      return c.body(text, status as 200, headers);
    });
  }
};

/** The body, read only for who names a key; undefined: too large, and known to be the platform’s. Throws `Refused`. */
const readCall = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  { route, c }: { readonly route: PeerRoute; readonly c: Context<HttpEnv> },
): Promise<{ readonly body: string | undefined; readonly verified: Verified }> => {
  const { headers } = c.req.raw;
  if (!namesKey(deps, channel, headers)) {
    throw new Refused('signature', 'The request is not signed with a key of this channel');
  }
  const read = await readSigned(c.req.raw, route.maxBytes ?? 0);
  if (!read) throw new Refused('too_large', 'Far too large');
  const url = new URL(c.req.url);
  const verified = await verifyRequest(deps, channel, {
    ...{ method: route.method, path: url.pathname + url.search, headers, bodySha256: read.sha256 },
  });
  return { body: read.text, verified };
};

const enter = (running: Map<string, number>, key: string, most: number): (() => void) | undefined => {
  const now = running.get(key) ?? 0;
  if (now >= most) return undefined;
  running.set(key, now + 1);
  return () => {
    const left = (running.get(key) ?? 1) - 1;
    if (left <= 0) running.delete(key);
    else running.set(key, left);
  };
};

const resultOf = (body: object): string => ('result' in body ? String(body.result) : 'accepted');

const isTaken = (limit: RateLimit, key: string): boolean => {
  try {
    limit.take(key);
    return true;
  } catch {
    return false;
  }
};

const findChannel = async ({ database }: ExchangeDeps, id: string): Promise<ChannelRow | undefined> => {
  if (!uuidPattern.test(id)) return undefined;
  const [row] = await withSystem(
    database,
    (tx) =>
      tx
        .select()
        .from(exchangeChannels)
        .where(and(eq(exchangeChannels.id, id), isNull(exchangeChannels.archivedAt))),
    { readOnly: true },
  );
  return row;
};
