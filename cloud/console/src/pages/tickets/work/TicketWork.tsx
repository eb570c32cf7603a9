import { Segmented } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer, TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { useKeys } from '../../../ui/keys.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { AssistPanel } from '../assist/AssistPanel.js';
import { ActBar } from './ActBar.js';
import { ActPanel } from './ActPanel.js';
import { isComplete, needsOf, withParty } from './act-command.js';
import { FieldForm } from './FieldForm.js';
import { MeanwhileNote } from './MeanwhileNote.js';
import { offerKeys } from './offer-keys.js';
import { RefusedWord } from './RefusedWord.js';
import { SplitDialog } from './SplitDialog.js';
import { StepScript } from './StepScript.js';
import { useActName } from './use-act-name.js';
import { useNotYet } from './use-not-yet.js';
import { useSendKey } from './use-send-key.js';
import { keyOf, type SendAct, useTicketWork } from './use-ticket-work.js';
import { waitsFor } from './waits-for.js';

const givingActs: readonly Offer['do'][] = ['submit', 'transfer'];

/** What this person may do with a ticket now: its step's fields, and its acts. */
export function TicketWork({ page, sendAct }: { page: TicketPage; sendAct?: SendAct }) {
  const { t } = useTranslation(['tickets', 'ticketDesk', 'common']);
  const label = useLabel();
  const name = useActName(page);
  const work = useTicketWork(page, sendAct);
  const { offers, chosen, draft, refused } = work;
  const problem = useProblemText(work.error);
  const keys = offerKeys(offers);
  const box = useFocusBack(chosen && keyOf(chosen));
  const asks = chosen && chosen.do !== 'split' && (needsOf(chosen).length > 0 || chosen.grave);
  const panel = asks ? chosen : undefined;
  const { why, first, other } = useNotYet(page, offers, work.valueIn);
  const isHeld = work.behindSince !== undefined || (panel !== undefined && why.has(panel));
  const isReady = panel && isComplete(panel, work.input) && !isHeld && !work.isSending;
  useSendKey(box, panel && (() => void (isReady && work.send(panel))));
  const others = waitsFor(page, work.task);
  // Into the panel that is open, or into that of the first act by which it is given away.
  const giving = [panel, ...offers.filter(({ do: act }) => givingActs.includes(act))].find(
    (offer) => offer?.chooses && !why.has(offer),
  );
  const giveTo = ({ officeId, name: called }: { officeId: string; name: string }) => {
    if (!giving) return;
    const before = giving === panel ? (work.input.parties ?? []) : [];
    const parties = withParty(before, { kind: 'office', id: officeId, name: called }, giving.chooses?.most ?? 1);
    if (giving === panel) work.putInput({ parties });
    else work.choose(giving, { parties });
  };
  useKeys([
    ...offers.flatMap((offer) => {
      const key = keys.get(offer);
      return key && !why.has(offer) ? [{ key, does: name(offer), run: () => work.choose(offer) }] : [];
    }),
    ...(panel && isReady ? [{ key: 'mod+enter', does: name(panel), run: () => work.send(panel) }] : []),
    ...(panel ? [{ key: 'Escape', does: t('common:cancel'), run: () => work.choose(undefined) }] : []),
    ...(work.mayKeep ? [{ key: 'mod+s', does: t('work.keep'), run: work.keep, inFields: true }] : []),
  ]);
  const nothing =
    page.status === 'ended'
      ? t(offers.some((offer) => offer.do === 'reopen') ? 'work.endedReopens' : 'work.ended')
      : t('work.none', { names: page.holders.map((holder) => holder.name).join(t('and')) });
  if (offers.length === 0) {
    return <p className="work-none soft">{nothing}</p>;
  }
  const said = work.error ? (
    refused ? (
      <RefusedWord refused={refused} document={page.document} />
    ) : (
      <p role="alert" className="problem-inline">
        {problem.what} {problem.next}
      </p>
    )
  ) : null;
  const emptyNames = work.empty.map((key) => label(page.document.fields.find((field) => field.key === key)?.label));
  const lacks =
    emptyNames.length > 0 ? (
      <p className="small soft">{t('refused.fields_missing', { names: emptyNames.join(t('and')) })}</p>
    ) : null;
  return (
    <div className="work" ref={box} tabIndex={-1}>
      {work.behindSince !== undefined ? (
        <MeanwhileNote ticketId={page.id} since={work.behindSince} onSeen={work.takeUp} />
      ) : null}
      {draft.wasThere && work.isDirty ? (
        <div className="work-draft row row-wrap">
          <span className="small soft grow">{t('work.draft')}</span>
          <button type="button" className="text-button small" onClick={work.drop}>
            {t('work.dropDraft')}
          </button>
        </div>
      ) : null}
      {work.myTasks.length > 1 ? (
        <Segmented
          className="field-segments"
          aria-label={t('work.tasks')}
          options={work.myTasks.map((id) => {
            const task = page.tasks.find((one) => one.id === id);
            const name = task?.purpose === 'extension' ? t('task.extension') : (task?.party.name ?? '');
            return { value: id, label: task?.lead ? `${name} · ${t('task.lead')}` : name };
          })}
          value={work.task ?? ''}
          onChange={work.chooseTask}
        />
      ) : null}
      <StepScript page={page} />
      {work.editable.length > 0 ? (
        <FieldForm
          document={page.document}
          keys={work.editable}
          required={work.required}
          value={work.valueIn}
          onChange={work.change}
          problems={work.problems}
          masked={page.masked}
          ticketId={page.id}
          files={page.files}
        />
      ) : null}
      {chosen === undefined ? said : null}
      {work.myTasks.length === 0 ? <p className="work-none soft">{nothing}</p> : null}
      {others.length > 0 ? (
        <p className="small soft">{t('ticketDesk:waitsFor', { names: others.join(t('and')) })}</p>
      ) : null}
      {first === undefined ? null : <p className="small soft">{first}</p>}
      {other === undefined ? null : <p className="small soft where-touched">{other}</p>}
      <ActBar
        page={page}
        offers={offers}
        keys={keys}
        chosen={chosen}
        why={why}
        busy={work.isSending}
        onChoose={work.choose}
      />
      {work.mayKeep ? (
        <button type="button" className="text-button small work-keep" disabled={work.isSending} onClick={work.keep}>
          {t('work.keep')}
        </button>
      ) : null}
      {panel ? (
        <ActPanel
          key={keyOf(panel)}
          page={page}
          offer={panel}
          input={work.input}
          onInput={work.putInput}
          busy={work.isSending}
          held={isHeld}
          problem={said ?? lacks}
          onSend={() => work.send(panel)}
          onClose={() => work.choose(undefined)}
        />
      ) : null}
      <AssistPanel
        document={page.document}
        about={{
          kind: page.kind.code,
          fields: Object.fromEntries(
            page.document.fields
              .filter(({ key }) => !page.masked.includes(key) && work.valueIn(key) !== undefined)
              .map(({ key }) => [key, work.valueIn(key)]),
          ),
          hallId: page.hall?.id ?? null,
          deviceId: page.device?.id ?? null,
          ticketId: page.id,
        }}
        mayFill={work.editable}
        onField={work.change}
        page={page}
        onOffice={giving ? giveTo : undefined}
      />
      {chosen?.do === 'split' ? (
        <SplitDialog page={page} offer={chosen} onClose={() => work.choose(undefined)} />
      ) : null}
    </div>
  );
}

/** Where the keys go on when a panel shuts: to the button that had opened it, or to what it had become. */
function useFocusBack(open: string | undefined) {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(open);
  useEffect(() => {
    const shut = before.current;
    before.current = open;
    if (shut === undefined || open !== undefined || document.activeElement !== document.body) return;
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>('[data-act]') ?? [])];
    const button = [shut, 'more'].map((act) => buttons.find(({ dataset }) => dataset.act === act)).find(Boolean);
    (button ?? box.current)?.focus({ preventScroll: true });
  }, [open]);
  return box;
}
