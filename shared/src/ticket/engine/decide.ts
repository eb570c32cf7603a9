import { withSupervision } from './auto-supervise.js';
import { decideBegin, decideBeginNews, decideBegunNews, withBegins } from './begin-others.js';
import { type DecideContext, type Decided, lines, type NewLine, type Refused, refuse } from './decide-context.js';
import { decideEdit, decideSubmit } from './decide-submit.js';
import { decideRelease, decideSign, decideTakeOver } from './decide-taking.js';
import {
  decideAddSigners,
  decideAskExtension,
  decideExtension,
  decideHandOver,
  decideRemoveSigners,
  decideReturn,
  decideSuspend,
} from './decide-task.js';
import {
  decideCancel,
  decideIntervene,
  decideMerge,
  decideRemark,
  decideReopen,
  decideResume,
  decideUnlink,
  decideWithdraw,
} from './decide-ticket.js';
import { enterStep } from './enter-step.js';
import { isRefused } from './held-task.js';
import type { TicketCommand, TicketNews } from './ticket-command.js';
import type { TicketState } from './ticket-state.js';

const decisions: {
  readonly [D in TicketCommand['do']]: (
    context: DecideContext,
    state: TicketState,
    command: Extract<TicketCommand, { do: D }>,
  ) => Decided | Refused;
} = {
  sign: decideSign,
  release: decideRelease,
  takeOver: decideTakeOver,
  edit: decideEdit,
  submit: decideSubmit,
  return: decideReturn,
  transfer: decideHandOver,
  delegate: decideHandOver,
  addSigners: decideAddSigners,
  removeSigners: decideRemoveSigners,
  withdraw: decideWithdraw,
  suspend: decideSuspend,
  resume: decideResume,
  askExtension: decideAskExtension,
  decideExtension,
  remind: decideRemark,
  supervise: decideRemark,
  instruct: decideRemark,
  comment: decideRemark,
  setLevel: decideRemark,
  link: decideRemark,
  unlink: decideUnlink,
  mergeInto: decideMerge,
  begin: decideBegin,
  dropBegin: decideBegin,
  intervene: decideIntervene,
  cancel: decideCancel,
  reopen: decideReopen,
};

/**
 * What a command makes of a ticket: lines of history, or why nothing. Pure: it reads no clock, no database and no chance but the context’s.
 */
export const decide = (context: DecideContext, state: TicketState, command: TicketCommand): Decided | Refused => {
  const decision = decisions[command.do] as (
    context: DecideContext,
    state: TicketState,
    command: TicketCommand,
  ) => Decided | Refused;
  const decided = decision(context, state, command);
  return decided.ok ? withBegins(context, state, withSupervision(context, state, decided)) : decided;
};

/** What another ticket’s fate makes of this one. */
export const decideNews = (state: TicketState, news: TicketNews): Decided | Refused => {
  if (news.do === 'begun' || news.do === 'beginFailed' || news.do === 'begunBy') return decideBeginNews(state, news);
  const begun = news.do === 'childMade' || news.do === 'childEnded' ? decideBegunNews(state, news) : undefined;
  if (begun) return begun;
  if (news.do === 'absorb')
    return state.status === 'ended' ? refuse('ended') : lines({ type: 'absorbed', ticket: news.ticket });
  if (news.do === 'unlinked') {
    return lines({ type: 'unlinked', ticket: news.ticket, how: news.how, opinion: news.opinion });
  }
  if (news.do === 'childMade')
    return state.status === 'ended' ? refuse('ended') : lines({ type: 'child_made', ticket: news.ticket });
  return state.openChildren.includes(news.ticket)
    ? lines({ type: 'child_ended', ticket: news.ticket })
    : refuse('not_now');
};

export interface Making {
  readonly kindVersion: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly level: string | null;
  readonly source: string;
}

/** The first lines of a ticket. `nothing` is the state that rules see before there is one. */
export const decideMade = (context: DecideContext, nothing: TicketState, making: Making): Decided | Refused => {
  const { kind } = context;
  const unknown = Object.keys(making.fields).filter((key) => !kind.fields.some((field) => field.key === key));
  if (unknown.length > 0) return refuse('fields_not_editable', { fields: unknown });
  for (const [key, value] of Object.entries(making.fields)) {
    const problem = context.fieldProblem(key, value);
    if (problem !== undefined) return refuse('field_invalid', { field: key, problem });
  }
  if (making.level !== null && !kind.levels.some(({ id }) => id === making.level))
    return refuse('field_invalid', { field: 'level' });
  const { kindVersion, fields, level, source } = making;
  const state: TicketState = { ...nothing, fields, level, source, madeBy: context.actor.userId, madeAt: context.at };
  const entering = enterStep(context, state, { step: kind.start });
  if (isRefused(entering)) return entering;
  const made: NewLine = { type: 'made', kind: kind.code, kindVersion, fields, level, source };
  return withBegins(context, nothing, lines(made, ...entering));
};
