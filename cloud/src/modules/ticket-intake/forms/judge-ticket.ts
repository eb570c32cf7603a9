import { HubError, isHubError } from '@hallhub/shared';
import type { TicketCommand, TicketKind } from '@hallhub/shared/ticket';
import { behindSavepoint, type Tx, withTenant } from '../../../db/index.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import { wordsIn } from '../pages/words.js';
import { type Judged, judgedOf } from './after-judging.js';
import { causeField, causesOf, type Question, questionOf } from './judge-question.js';
import { type PublicDeps, requesterContext, type TicketKey, type Unlocked, unlockTicket } from './public-ticket.js';

export interface Judgement {
  /** 1 very dissatisfied to 5 very satisfied. */
  readonly satisfaction: number;
  readonly cause?: string | undefined;
  readonly words?: string | undefined;
}

/** What whoever asked says of the result; what follows is the kind’s to say: closed, or done again. Errors: `not_found`, `conflict`. */
export const judgeTicket = async (
  deps: PublicDeps,
  judging: TicketKey & Judgement,
  request: RequestFacts,
): Promise<Judged> => judge(deps, await unlockTicket(deps, judging), judging, request);

export const judge = async (
  deps: IntakeDeps,
  { tenantId, ticketId }: Unlocked,
  judging: Judgement,
  request: RequestFacts | null,
): Promise<Judged> => {
  const ctx = requesterContext(deps, tenantId, request);
  return withTenant(deps.database, ctx.actor, async (tx) => {
    const { state, world } = await openTicket(tx, ctx, { ticketId, lock: true });
    const question = questionOf(world.kind, state);
    if (!question)
      throw new HubError('conflict', 'Nothing is asked at this moment', { context: { reason: 'not_asked' } });
    const fields = fieldsOf(judging, question, world.kind);
    const degree = wordsIn('zh')[`s${judging.satisfaction}` as 's1'];
    const opinion = judging.words?.trim() || `评价：${degree}`;
    for (const action of question.actions) {
      const command: TicketCommand = { do: 'submit', task: question.task, action, fields, opinion };
      const row = await tried(tx, () => actOnTicket(tx, ctx, { ticketId, command }));
      if (row) return judgedOf(row, judging.satisfaction);
    }
    throw new HubError('conflict', 'The ticket does not take this now', { context: { reason: 'not_asked' } });
  });
};

const fieldsOf = (judging: Judgement, { satisfaction, edit }: Question, kind: TicketKind) => {
  const fields: Record<string, string | number | boolean> = { [satisfaction]: judging.satisfaction };
  const put = (key: string, value: string | boolean | undefined) => {
    if (value !== undefined && value !== '' && edit.includes(key)) fields[key] = value;
  };
  put('reached', true);
  put('visitWords', judging.words?.slice(0, 2_000));
  if (causesOf(kind).some(({ value }) => value === judging.cause)) put(causeField, judging.cause);
  return fields;
};

const tried = async <T>(tx: Tx, work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await behindSavepoint(tx, work);
  } catch (error) {
    if (!isHubError(error, 'conflict')) throw error;
    return undefined;
  }
};
