import type { Label } from '@hallhub/shared';
import { labelText } from '@hallhub/shared/thing';
import type { TicketAction, TicketKind, TicketStep } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import { say, tried } from '../acts.js';
import type { ClearedAlarm, WatchedRepair } from './find-repairs.js';
import { isTold } from './open-repair.js';

/** What a verification asks: the step that may write this field is one. */
const answer = 'alarmCleared';
/** An alarm that still stands so long after the repair was said to be done sends it back. */
const standsMs = 30 * 60_000;

/** The step in which alarms verify a repair, if it is one. */
export const isVerification = (step: TicketStep | undefined): step is TicketStep =>
  step !== undefined && step.end === undefined && step.fields.edit.includes(answer);

const leadsToEnd = (kind: TicketKind, { to }: TicketAction): boolean =>
  to.some(({ step }) => kind.steps.find(({ id }) => id === step)?.end !== undefined);

/** By which of a verification's actions it is passed, and by which the work is to be done again. */
export const verdicts = (kind: TicketKind, step: TicketStep) => {
  const submits = step.actions.filter(({ act }) => act === 'submit');
  return {
    pass: submits.find(({ marks }) => marks.includes('verified')) ?? submits.find((one) => leadsToEnd(kind, one)),
    back: step.actions.find(
      (one) => (one.act === 'submit' || one.act === 'return') && one.to.length > 0 && !leadsToEnd(kind, one),
    ),
  };
};

interface AlarmOfRepair {
  id: string;
  message: Label;
  raised_at: Date;
  cleared_at: Date | null;
}

/**
 * What its alarms say of a repair that waits to be verified. All stayed away long enough: verified. One came back, or still stands after a
 * while: back to whoever repaired it, with the reason. False: nothing to do now.
 */
export const verifyRepair = async (tx: Tx, ctx: VerbContext, repair: WatchedRepair): Promise<boolean> => {
  const { state, world } = await openTicket(tx, ctx, { ticketId: repair.id, lock: true });
  const step = world.kind.steps.find(({ id }) => id === state.step);
  if (state.status !== 'running' || !isVerification(step)) return false;
  const task = state.tasks.find(
    (one) => one.step === step.id && one.purpose === 'handle' && (one.state === 'open' || one.state === 'signed'),
  );
  if (!task) return false;
  const { rows: alarms } = await tx.$client.query<AlarmOfRepair>(
    `SELECT a.id, a.message, a.raised_at, a.cleared_at FROM repair_alarms k JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id
     WHERE k.tenant_id = $1 AND k.ticket_id = $2 ORDER BY a.raised_at`,
    [ctx.actor.tenantId, repair.id],
  );
  const sinceMs = state.visits.at(-1)?.beganAt ?? state.madeAt;
  const now = world.at;
  const { pass, back } = verdicts(world.kind, step);
  const act = async (action: TicketAction, isCleared: boolean, opinion: string): Promise<boolean> => {
    if (step.sign && task.state === 'open') await tried(tx, ctx, repair.id, { do: 'sign', task: task.id });
    if (action.act === 'return') {
      return tried(tx, ctx, repair.id, { do: 'return', task: task.id, action: action.id, opinion });
    }
    const fields = { [answer]: isCleared };
    return tried(tx, ctx, repair.id, { do: 'submit', task: task.id, action: action.id, fields, opinion });
  };

  const cameBack = alarms.filter(({ raised_at }) => raised_at.getTime() > sinceMs);
  const standing = alarms.filter(({ cleared_at }) => cleared_at === null);
  if (cameBack.length > 0 && back) {
    return act(back, false, `核验期间告警再次发生：${namesOf(cameBack)}，退回维修`);
  }
  if (standing.length > 0) {
    if (now - sinceMs >= standsMs && back) {
      return act(back, false, `报修好后 ${standsMs / 60_000} 分钟告警仍未消除：${namesOf(standing)}，退回维修`);
    }
    if (state.fields[answer] === false) return false;
    // So that nobody verifies it over an alarm that stands.
    return tried(tx, ctx, repair.id, { do: 'edit', task: task.id, fields: { [answer]: false } });
  }
  const lastMs = Math.max(...alarms.map(({ cleared_at }) => cleared_at?.getTime() ?? 0));
  if (alarms.length === 0 || !pass || now - lastMs < repair.quiet_seconds * 1_000) return false;
  return act(pass, true, `关联告警已消除（${spanText(now - lastMs)}未再发生），自动核验通过`);
};

const namesOf = (alarms: readonly AlarmOfRepair[]): string =>
  [...new Set(alarms.map(({ message }) => labelText(message, 'zh')))].slice(0, 5).join('、');

const spanText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} 秒`;
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} 分钟` : `${Math.floor(seconds / 3_600)} 小时`;
};

/** Its end stands in the history; whether that verifies the repair is seen from the alarms themselves. */
export const tellCleared = async (tx: Tx, ctx: VerbContext, alarm: ClearedAlarm): Promise<boolean> => {
  const { rowCount } = await tx.$client.query(
    'UPDATE repair_alarms SET cleared_at = $3 WHERE tenant_id = $1 AND alarm_id = $2 AND cleared_at IS NULL',
    [ctx.actor.tenantId, alarm.id, alarm.cleared_at],
  );
  if (rowCount === 1 && isTold(alarm.place)) {
    await say(tx, ctx, alarm.ticket_id, `告警已消除：${labelText(alarm.message, 'zh')}`);
  }
  return true;
};

/** A repair that is over is watched no more; should its alarm come back, it is found by the alarm. */
export const forgetRepair = async (tx: Tx, ctx: VerbContext, ticketId: string): Promise<void> => {
  await tx.$client.query(
    `DELETE FROM repair_watches w USING tickets t WHERE w.tenant_id = $1 AND w.ticket_id = $2 AND t.tenant_id = w.tenant_id AND t.id = w.ticket_id
       AND t.status = 'ended'`,
    [ctx.actor.tenantId, ticketId],
  );
};
