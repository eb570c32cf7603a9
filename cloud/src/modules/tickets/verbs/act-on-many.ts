import { HubError } from '@hallhub/shared';
import type { batchActResultSchema, batchActSchema } from '@hallhub/shared/ticket';
import type { z } from 'zod';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { applyCommand } from '../act-on-ticket.js';

type Batch = z.output<typeof batchActSchema>;
type BatchResult = z.output<typeof batchActResultSchema>;

const tellable = new Set<HubError['code']>([
  'precondition_failed',
  'conflict',
  'forbidden',
  'not_found',
  'invalid_input',
]);

/** Each in a transaction of its own. What was about one ticket alone is its outcome; anything else ends the whole. */
export const actOnMany = async (ctx: VerbContext, { acts }: Batch): Promise<BatchResult> => {
  const results: BatchResult['results'] = [];
  for (const { ticketId, seq, command } of acts) {
    try {
      const { saved } = await withTenant(ctx.db, ctx.actor, (tx) => applyCommand(tx, ctx, { ticketId, seq, command }));
      results.push({ ticketId, ok: true, seq: saved.ticket.seq, code: null, message: null });
    } catch (error) {
      if (!(error instanceof HubError) || !tellable.has(error.code)) throw error;
      const { refusal, seq: now } = error.context;
      results.push({
        ...{ ticketId, ok: false, seq: typeof now === 'number' ? now : null },
        code: typeof refusal === 'string' ? refusal : error.code,
        message: error.message,
      });
    }
  }
  return { results };
};
