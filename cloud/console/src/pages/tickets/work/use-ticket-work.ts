import { fieldProblem, isEmptyValue } from '@hallhub/shared/ticket';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { actOnTicket, type Offer, type TicketCommand, type TicketPage, ticketQuery } from '../../../api/tickets.js';
import { type ActInput, commandOf, needsOf } from './act-command.js';
import { focusField } from './focus-field.js';
import { Intent } from './intent.js';
import { isSame } from './is-same.js';
import { refusalOf } from './refusal.js';
import { useActName } from './use-act-name.js';
import { useDraft } from './use-draft.js';

/** How an act is sent; undefined: it is kept, and sent when there is a line again. */
export type SendAct = (of: { seq: number; command: TicketCommand; key: string }) => Promise<TicketPage | undefined>;

/** The state of the work on a ticket: what was typed, which act is being made, who came between. */
export function useTicketWork(page: TicketPage, sendAct?: SendAct) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const name = useActName(page);
  const personal = useMemo(
    () => new Set(page.document.fields.filter((field) => field.personal).map(({ key }) => key)),
    [page.document],
  );
  const draft = useDraft(page.id, personal);
  // Who had to sign in again, or came back, finds the panel as it was left.
  const [chosenKey, setChosenKey] = useState(draft.actBefore?.key);
  const [chosenTask, setChosenTask] = useState<string>();
  const [input, setInput] = useState<ActInput>(draft.actBefore?.input ?? {});
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState(Math.min(draft.actBefore?.seq ?? page.seq, page.seq));
  const [conflictSince, setConflictSince] = useState<number>();
  const [intent] = useState(() => new Intent());

  // Who has several tasks of one ticket does one after the other.
  const myTasks = [...new Set(page.offers.flatMap(({ task, do: act }) => (act === 'takeOver' ? [] : (task ?? []))))];
  const task = myTasks.find((one) => one === chosenTask) ?? myTasks[0];
  const all = page.offers.filter((offer) => [null, task].includes(offer.task) || offer.do === 'takeOver');
  const offers = all.filter((offer) => offer.do !== 'edit');
  const edit = all.find((offer) => offer.do === 'edit' && offer.edit.length > 0);
  const chosen = offers.find((offer) => keyOf(offer) === chosenKey);
  const editable = [...new Set(all.flatMap((offer) => offer.edit))];
  const required = [...new Set((chosen ? [chosen] : all).flatMap((offer) => offer.required))];
  const fields = Object.fromEntries(
    Object.entries(draft.fields).filter(([key, value]) => editable.includes(key) && !isSame(value, page.fields[key])),
  );
  const isDirty = Object.keys(fields).length > 0 || chosen !== undefined;
  // Who has typed nothing sees the newest; who has is told who came between.
  useEffect(() => {
    if (!isDirty && conflictSince === undefined) setSeen((was) => Math.max(was, page.seq));
  }, [isDirty, conflictSince, page.seq]);
  const behindSince = conflictSince ?? (isDirty && page.seq > seen ? seen : undefined);

  const run = useMutation({
    mutationFn: ({ command }: { command: TicketCommand; offer: Offer }) => {
      const key = intent.keyFor({ seq: seen, command });
      return sendAct ? sendAct({ seq: seen, command, key }) : actOnTicket({ id: page.id, seq: seen }, command, key);
    },
    onSuccess: (next, { offer }) => {
      intent.answered();
      if (next) {
        client.setQueryData(ticketQuery(page.id).queryKey, next);
        setSeen((was) => Math.max(was, next.seq));
      }
      setConflictSince(undefined);
      setTouched(new Set());
      if (offer.do === 'edit') draft.clearFields();
      else {
        setChosenKey(undefined);
        setInput({});
        if (offer.do === 'submit') draft.clear();
        else draft.setAct(undefined);
      }
      for (const what of ['list', 'counts', 'history', 'clocks']) {
        void client.invalidateQueries({
          queryKey: what === 'history' || what === 'clocks' ? ['tickets', what, page.id] : ['tickets', what],
        });
      }
      void message.success(t(next ? 'act.done' : 'act.kept', { act: name(offer) }));
    },
    onError: (error) => {
      if (isApiError(error) && error.status >= 400 && error.status < 500) intent.answered();
      if (isApiError(error, 'precondition_failed')) {
        setConflictSince(seen);
        void client.invalidateQueries({ queryKey: ['tickets'] });
      }
    },
  });

  const refused = refusalOf(run.error);
  const problems: Record<string, string> = {};
  for (const field of page.document.fields) {
    const value = fields[field.key];
    if (!touched.has(field.key) || isEmptyValue(value)) continue;
    const code = fieldProblem(field, value);
    if (code) problems[field.key] = code;
  }
  const valueIn = (key: string): unknown => {
    if (key in draft.fields) return draft.fields[key];
    return page.masked.includes(key) ? undefined : page.fields[key];
  };
  for (const [key, code] of Object.entries(refused?.fields ?? {})) {
    if (code !== 'missing' || isEmptyValue(valueIn(key))) problems[key] ??= code;
  }

  const keepAct = (key: string | undefined, next: ActInput) => {
    setChosenKey(key);
    setInput(next);
    draft.setAct(key === undefined ? undefined : { key, input: next, seq: seen });
  };
  const missing = (offer: Offer): string[] =>
    offer.do === 'submit'
      ? offer.required.filter((key) => isEmptyValue(valueIn(key)) && !page.masked.includes(key))
      : [];
  const send = (offer: Offer) => {
    // What would be refused for an empty field is not sent, nor kept until there is a line.
    const [first] = missing(offer);
    if (first !== undefined) return focusField(first);
    run.mutate({ command: commandOf(offer, input, offer.do === 'submit' ? fields : {}), offer });
  };
  const empty = chosen ? missing(chosen) : [];
  return {
    ...{ offers, chosen, draft, myTasks, task, editable, required, input, refused, behindSince, isDirty, valueIn },
    problems: { ...problems, ...Object.fromEntries(empty.map((key) => [key, 'missing'])) },
    /** Fields that the chosen act needs and that nobody filled in. */
    empty,
    error: isApiError(run.error, 'precondition_failed') ? null : run.error,
    isSending: run.isPending,
    mayKeep: edit !== undefined && Object.keys(fields).length > 0,
    change: (key: string, value: unknown) => {
      setTouched((was) => new Set(was).add(key));
      draft.set(key, value);
    },
    putInput: (patch: ActInput) => keepAct(chosenKey, { ...input, ...patch }),
    /** `given`: what is known of it already. */
    choose: (offer: Offer | undefined, given: ActInput = {}) => {
      run.reset();
      const asksNothing = offer && needsOf(offer).length === 0 && !offer.grave && offer.do !== 'split';
      const lacks = asksNothing ? missing(offer)[0] : undefined;
      if (asksNothing && lacks === undefined) return send(offer);
      const only = offer?.steps.length === 1 ? offer.steps[0] : undefined;
      const turned = offer?.do === 'supervise' ? { on: !page.supervised } : {};
      keepAct(offer && keyOf(offer), {
        ...(input.opinion ? { opinion: input.opinion } : {}),
        ...(only ? { step: only.id } : {}),
        ...turned,
        ...given,
      });
      if (lacks !== undefined) focusField(lacks);
    },
    chooseTask: (next: string) => {
      setChosenTask(next);
      keepAct(undefined, input);
    },
    /** What was typed and not sent goes. */
    drop: () => {
      draft.clear();
      setChosenKey(undefined);
      setInput({});
    },
    send,
    keep: () => {
      if (edit) run.mutate({ command: commandOf(edit, {}, fields), offer: edit });
    },
    /** What came between is read: one goes on from there. */
    takeUp: () => {
      setConflictSince(undefined);
      setSeen(page.seq);
      if (chosenKey !== undefined) draft.setAct({ key: chosenKey, input, seq: page.seq });
      run.reset();
    },
  };
}

/** What tells offers apart. */
export const keyOf = ({ task, do: act, action }: Offer): string => `${task}/${act}/${action}`;
