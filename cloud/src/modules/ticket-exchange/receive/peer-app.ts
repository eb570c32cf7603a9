import { createHash } from 'node:crypto';
import { isHubError, isRetryable, uuidPattern } from '@hallhub/shared';
import {
  type ExchangeAnswer,
  exchangeAnswerText,
  exchangeHeaders,
  exchangeMessageSchema,
  exchangeRefusals,
  maxExchangeFileBytes,
} from '@hallhub/shared/exchange';
import { and, eq, isNull } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import { withSystem, withTenant } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import { RateLimit } from '../../../http/rate-limit.js';
import { readBody } from '../../../http/read-body.js';
import { hmacHex, sha256Hex } from '../channel/channel-secret.js';
import { readBook } from '../compare/own-book.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { type ChannelRow, exchangeChannels } from '../tables.js';
import { noteCall, noteRefused } from './note-refused.js';
import { Refused } from './refused.js';
import { takeFile } from './take-file.js';
import { takeMessage } from './take-message.js';
import { RefusedKnown, type Verified, verifyRequest } from './verify-request.js';

export const exchangePrefix = '/exchange/v1';
const maxMessageBytes = 256 * 1024;
const maxFileBodyBytes = Math.ceil((maxExchangeFileBytes * 4) / 3) + 4_096;

interface Answered {
  readonly body: object;
  readonly messageId?: string;
}

/** What platforms call: `POST messages`, `POST files`, `GET book`, each signed (docs/protocol.md 9). */
export const mountExchange = (app: Hono<HttpEnv>, deps: ExchangeDeps): void => {
  const calls = new RateLimit(deps.clock, { burst: 600, perMinute: 3_000 });
  /** What strangers send is written down, but not as often as they like. */
  const strangers = new RateLimit(deps.clock, { burst: 20, perMinute: 20 });
  const on = (
    method: 'GET' | 'POST',
    name: string,
    maxBytes: number,
    handle: (channel: ChannelRow, body: string, c: Context<HttpEnv>) => Promise<Answered>,
  ): void => {
    app.on(method, `${exchangePrefix}/:channelId/${name}`, async (c) => {
      c.set('routePattern', `${exchangePrefix}/{channelId}/${name}`);
      const startMs = deps.clock.monotonicMs();
      const channel = await findChannel(deps, c.req.param('channelId'));
      if (!channel) return c.json(new Refused('signature', 'There is no such channel').answer(), 401);
      let verified: Verified | undefined;
      let answered: Answered;
      let refused: Refused | undefined;
      try {
        const body = method === 'GET' ? '' : await readBounded(c, maxBytes);
        const url = new URL(c.req.url);
        verified = await verifyRequest(deps, channel, {
          ...{ method, path: url.pathname + url.search, headers: c.req.raw.headers, body },
        });
        if (!isTaken(calls, channel.id)) throw new Refused('too_many', 'Too many messages; go slower');
        if (channel.pausedAt) throw new Refused('paused', 'The channel is paused');
        answered = await handle(channel, body, c);
      } catch (error) {
        refused = asRefused(error);
        if (error instanceof RefusedKnown) verified = error.to;
        if (refused.code === 'busy') c.get('log').warn({ err: error }, 'a message of a platform was not taken');
        const messageId = refused instanceof RefusedMessage ? refused.messageId : undefined;
        answered = { body: refused.answer(), ...(messageId === undefined ? {} : { messageId }) };
      }
      const status = refused ? exchangeRefusals[refused.code].status : 200;
      // Books are not messages: only their refusals are written down.
      if (refused ? verified || isTaken(strangers, channel.id) : name === 'messages') {
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
  };
  on('POST', 'messages', maxMessageBytes, (channel, body) => takeOne(deps, channel, body));
  on('POST', 'files', maxFileBodyBytes, async (channel, body) => ({ body: await takeFile(deps, channel, body) }));
  on('GET', 'book', 0, async (channel, _body, c) => {
    const after = c.req.query('after') ?? null;
    if (after !== null && !uuidPattern.test(after)) throw new Refused('invalid', 'after is not one that was given out');
    const page = await withTenant(deps.database, channel, (tx) => readBook(tx, channel.id, after), { readOnly: true });
    return { body: { v: 1, ...page } };
  });
};

const takeOne = async (deps: ExchangeDeps, channel: ChannelRow, body: string): Promise<Answered> => {
  const read = exchangeMessageSchema.safeParse(parse(body));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new Refused('invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a message'}`);
  }
  const message = read.data;
  const taking = { channel, message, body, hash: createHash('sha256').update(body).digest() };
  try {
    const answer: ExchangeAnswer = await takeMessage(deps, taking);
    return { body: answer, messageId: message.id };
  } catch (error) {
    const refused = asRefused(error);
    if (refused.code !== 'busy') await noteRefused(deps, taking, refused);
    throw new RefusedMessage(refused, message.id, error);
  }
};

class RefusedMessage extends Refused {
  constructor(
    of: Refused,
    readonly messageId: string,
    override readonly cause: unknown,
  ) {
    super(of.code, of.detail, of.more);
  }
}

/** What is our own trouble is said to be that, and the platform sends again. */
const asRefused = (error: unknown): Refused => {
  if (error instanceof Refused) return error;
  if (isHubError(error, 'too_large')) return new Refused('too_large', error.message);
  return new Refused(
    'busy',
    isRetryable(error) ? 'Not at this moment' : 'Something went wrong here; it is written down',
  );
};

const readBounded = (c: Context<HttpEnv>, maxBytes: number): Promise<string> => readBody(c.req.raw, maxBytes);

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

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
