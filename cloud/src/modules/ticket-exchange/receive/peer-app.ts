import { createHash } from 'node:crypto';
import { isHubError, isRetryable, uuidPattern } from '@hallhub/shared';
import { type ExchangeAnswer, exchangeMessageSchema, maxExchangeFileBytes } from '@hallhub/shared/exchange';
import type { Hono } from 'hono';
import { withTenant } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import { isNestedDeeper } from '../../../verb-kit/nesting.js';
import { parseJson } from '../channel/parse-json.js';
import { readBook } from '../compare/own-book.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { pullRoutes } from '../pull/pull-routes.js';
import type { ChannelRow } from '../tables.js';
import { noteRefused } from './note-refused.js';
import { type Answered, mountPeerRoutes, type PeerRoute } from './peer-routes.js';
import { Refused, RefusedMessage } from './refused.js';
import { takeFile } from './take-file.js';
import { takeMessage } from './take-message.js';

const maxMessageBytes = 256 * 1024;
const maxFileBodyBytes = Math.ceil((maxExchangeFileBytes * 4) / 3) + 4_096;

/** What platforms call: messages, files, the book, and what a channel lets them read, each signed (docs/protocol.md 9). */
export const mountExchange = (app: Hono<HttpEnv>, deps: ExchangeDeps): void => {
  const routes: readonly PeerRoute[] = [
    {
      ...{ method: 'POST', name: 'messages', maxBytes: maxMessageBytes, isNoted: true },
      handle: (channel, { body }) => takeOne(deps, channel, body),
    },
    {
      ...{ method: 'POST', name: 'files', maxBytes: maxFileBodyBytes, mostAtOnce: 3 },
      handle: async (channel, { body }) => ({ body: await takeFile(deps, channel, body) }),
    },
    {
      ...{ method: 'GET', name: 'book' },
      handle: async (channel, { query }) => {
        const after = query('after') ?? null;
        if (after !== null && !uuidPattern.test(after))
          throw new Refused('invalid', 'after is not one that was given out');
        const page = await withTenant(deps.database, channel, (tx) => readBook(tx, channel.id, after), {
          readOnly: true,
        });
        return { body: { v: 1, ...page } };
      },
    },
    ...pullRoutes(deps),
  ];
  mountPeerRoutes(app, deps, { routes, asRefused });
};

const takeOne = async (deps: ExchangeDeps, channel: ChannelRow, body: string): Promise<Answered> => {
  const parsed = parseJson(body);
  if (isNestedDeeper(parsed)) throw new Refused('invalid', 'Nested too deep');
  const read = exchangeMessageSchema.safeParse(parsed);
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

/** What is our own trouble is said to be that, and the platform sends again. */
const asRefused = (error: unknown): Refused => {
  if (error instanceof Refused) return error;
  if (isHubError(error, 'too_large')) return new Refused('too_large', error.message);
  return new Refused(
    'busy',
    isRetryable(error) ? 'Not at this moment' : 'Something went wrong here; it is written down',
  );
};
