import { toHubError } from '@hallhub/shared';
import { makeGuardedFetch } from '../../identity/sign-on/guarded-fetch.js';
import type { NoticeChannelRow } from '../tables.js';
import { signingSecrets } from './channel-secret.js';
import type { OutwardDeps } from './outward-deps.js';
import { type Sent, shortDetail } from './sent.js';
import { signMessage } from './signed-message.js';

export interface Posted {
  readonly status: number;
  readonly text: string;
  /** As the other side asked for. */
  readonly retryAfterMs: number | null;
}

const maxAnswerBytes = 64 * 1024;
const timeoutMs = 10_000;
const longestRetryAfterMs = 24 * 3_600_000;

const retryAfterOf = (value: string | null, nowMs: number): number | null => {
  if (value === null) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestRetryAfterMs) : null;
};

/** One signed POST; no redirects, 10 s, a bounded answer. `Sent`: there was no answer to go by. */
export const postSigned = async (
  deps: OutwardDeps,
  channel: NoticeChannelRow,
  { url, id, body }: { readonly url: string; readonly id: string; readonly body: string },
): Promise<Posted | Sent> => {
  const nowMs = deps.clock.now();
  const signed = signMessage(signingSecrets(deps.sealing, channel, nowMs), { id, atMs: nowMs, body });
  const send = makeGuardedFetch({ allowPrivate: deps.allowPrivate, timeoutMs, maxBytes: maxAnswerBytes });
  try {
    const response = await send(url, {
      ...{ method: 'POST', body },
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'HallHub',
        ...signed,
      },
    });
    const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), nowMs);
    return { status: response.status, text: await response.text(), retryAfterMs };
  } catch (error) {
    const known = toHubError(error);
    const later = (code: string, detail: string): Sent => ({
      ...{ outcome: 'later', code, detail: shortDetail(detail), isDown: true },
    });
    if (known.context.reason === 'address') return later('address', 'The address is on a private network');
    if ((error as Error).name === 'TimeoutError') return later('timeout', 'No answer within 10 s');
    return later('unreachable', known.message);
  }
};
