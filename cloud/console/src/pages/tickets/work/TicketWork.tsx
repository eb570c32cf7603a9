import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TicketPage } from '../../../api/tickets.js';
import { useKeys } from '../../../ui/keys.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { AssistPanel } from '../assist/AssistPanel.js';
import { ActBar } from './ActBar.js';
import { ActPanel } from './ActPanel.js';
import { needsOf } from './act-command.js';
import { FieldForm } from './FieldForm.js';
import { MeanwhileNote } from './MeanwhileNote.js';
import { offerKeys } from './offer-keys.js';
import { RefusedWord } from './RefusedWord.js';
import { SplitDialog } from './SplitDialog.js';
import { StepScript } from './StepScript.js';
import { useActName } from './use-act-name.js';
import { type SendAct, useTicketWork } from './use-ticket-work.js';

/** What this person may do with a ticket now: its step's fields, and its acts. */
export function TicketWork({ page, sendAct }: { page: TicketPage; sendAct?: SendAct }) {
  const { t } = useTranslation('tickets');
  const name = useActName();
  const work = useTicketWork(page, sendAct);
  const { offers, chosen, draft, refused } = work;
  const problem = useProblemText(work.error);
  const keys = offerKeys(offers);
  useKeys([
    ...offers.flatMap((offer) => {
      const key = keys.get(offer);
      return key ? [{ key, does: name(offer), run: () => work.choose(offer) }] : [];
    }),
    ...(work.mayKeep ? [{ key: 'mod+s', does: t('work.keep'), run: work.keep, inFields: true }] : []),
  ]);
  if (offers.length === 0) {
    return (
      <p className="work-none soft">
        {page.status === 'ended'
          ? t('work.ended')
          : t('work.none', { names: page.holders.map((holder) => holder.name).join(t('and')) })}
      </p>
    );
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
  return (
    <div className="work">
      {work.behindSince !== undefined ? (
        <MeanwhileNote ticketId={page.id} since={work.behindSince} onSeen={work.takeUp} />
      ) : null}
      {draft.wasThere && work.isDirty ? (
        <div className="work-draft row row-wrap">
          <span className="small soft grow">{t('work.draft')}</span>
          <button type="button" className="text-button small" onClick={draft.clear}>
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
      <ActBar offers={offers} keys={keys} chosen={chosen} busy={work.isSending} onChoose={work.choose} />
      {work.mayKeep ? (
        <button type="button" className="text-button small work-keep" disabled={work.isSending} onClick={work.keep}>
          {t('work.keep')}
        </button>
      ) : null}
      {chosen && chosen.do !== 'split' && (needsOf(chosen).length > 0 || chosen.grave) ? (
        <ActPanel
          key={`${chosen.task}${chosen.do}${chosen.action}`}
          page={page}
          offer={chosen}
          input={work.input}
          onInput={work.putInput}
          busy={work.isSending}
          held={work.behindSince !== undefined}
          problem={said}
          onSend={() => work.send(chosen)}
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
        showOffices={offers.some(({ chooses }) => chooses !== null)}
      />
      {chosen?.do === 'split' ? (
        <SplitDialog page={page} offer={chosen} onClose={() => work.choose(undefined)} />
      ) : null}
    </div>
  );
}
