import { HubError, uuidv7 } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';
import type { ApiClient } from '../../e2e/api-client.js';
import type { HubDesk } from '../../e2e/exchange/hub-people.js';
import type { TwoClouds } from './two-clouds.js';

interface DeskOptions {
  readonly clouds: TwoClouds;
  readonly works: string;
  readonly query: <T>(sql: string, values?: unknown[]) => Promise<T[]>;
  /** What people were told when somebody else had been quicker. */
  readonly onRefused?: (text: string) => void;
}

/** The hub’s people at the API, through whichever process is up; a request that died with one is made again. */
export const hubDesk = ({ clouds, works, query, onRefused }: DeskOptions): HubDesk => ({
  works,
  hands: 6,
  rows: async (sql, values) => query(sql, [...values]),
  async act(ticketId: string, command: TicketCommand) {
    const [row] = await query<{ seq: number }>('SELECT seq FROM tickets WHERE id = $1', [ticketId]);
    try {
      const answer = await clouds.api.request('POST', `/api/v1/tickets/${ticketId}/acts`, command, {
        'if-match': `"${row?.seq ?? 0}"`,
        'idempotency-key': uuidv7(),
      });
      if (answer.status < 300) return;
      if (answer.status < 500 && answer.status !== 409 && answer.status !== 412) {
        throw new RangeError(
          `${command.do} was answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 400)}`,
        );
      }
      onRefused?.(`${command.do}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
      throw new HubError('conflict', `${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    } catch (error) {
      if (error instanceof HubError || error instanceof RangeError) throw error;
      // The process was killed under it: people look again, and see what became of it.
      throw new HubError('conflict', 'no answer', { cause: error });
    }
  },
});

/** Asked until it is answered, with one key: made once, however many processes died meanwhile. */
export const postOnce = async <T>(
  clouds: TwoClouds,
  path: string,
  body: unknown,
  how: { readonly method?: string; readonly tries?: number } = {},
): Promise<T> => {
  const key = uuidv7();
  let last: unknown;
  for (let i = 0; i < (how.tries ?? 600); i++) {
    try {
      const api: ApiClient = clouds.api;
      const answer = await api.request<T>(how.method ?? 'POST', `/api/v1${path}`, body, { 'idempotency-key': key });
      if (answer.status < 300) return answer.body;
      // Done by the process that died before it could answer: what was wanted is there.
      if (answer.status === 409 && JSON.stringify(answer.body).includes('already done with this Idempotency-Key')) {
        return answer.body;
      }
      last = new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
      if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) throw last;
    } catch (error) {
      if (error === last) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw last;
};
