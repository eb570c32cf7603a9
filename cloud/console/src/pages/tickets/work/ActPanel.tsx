import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Input, Segmented, Select } from 'antd';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Offer, type TicketPage, ticketHistoryQuery } from '../../../api/tickets.js';
import { pickedMs, pickerOf } from '../../../format/picker-time.js';
import { formatDuration } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { Keys } from '../../../ui/KeyHints.js';
import { type ActInput, isComplete, needsOf } from './act-command.js';
import { MinutesField } from './MinutesField.js';
import { PartyPicker } from './PartyPicker.js';
import { TicketPicker } from './TicketPicker.js';
import { useActName } from './use-act-name.js';

interface ActPanelProps {
  page: TicketPage;
  offer: Offer;
  input: ActInput;
  onInput: (patch: ActInput) => void;
  busy: boolean;
  /** Somebody acted meanwhile: first that is read. */
  held: boolean;
  problem: ReactNode;
  onSend: () => void;
  onClose: () => void;
}

/** What an act asks for, and nothing else: whom, where to, for how long, and what is said. */
export function ActPanel({ page, offer, input, onInput, busy, held, problem, onSend, onClose }: ActPanelProps) {
  const { t } = useTranslation(['tickets', 'ticketDesk', 'common']);
  const label = useLabel();
  const language = useLanguage();
  const history = useQuery({ ...ticketHistoryQuery(page.id), enabled: offer.do === 'decideExtension' });
  const asked = history.data?.items.findLast(({ type }) => type === 'extension_asked');
  const name = useActName(page);
  const id = useId();
  const panel = useRef<HTMLFieldSetElement>(null);
  const needs = needsOf(offer);
  const word = name(offer);
  // Where a person goes on after a key: into the first thing that is asked for.
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>('input, textarea, button')?.focus();
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const control = (need: (typeof needs)[number]['need']): ReactNode => {
    switch (need) {
      case 'party':
      case 'parties':
        return (
          <PartyPicker
            id={`${id}${need}`}
            ticketId={page.id}
            label={t('act.parties')}
            most={need === 'party' ? 1 : (offer.chooses?.most ?? 50)}
            lead={offer.chooses?.lead ?? false}
            value={input.parties ?? []}
            onChange={(parties) => onInput({ parties })}
          />
        );
      case 'step':
        return (
          <Select
            id={`${id}step`}
            className="field-number"
            placeholder={t('act.chooseStep')}
            options={offer.steps.map((step) => ({ value: step.id, label: label(step.label) }))}
            value={input.step ?? null}
            onChange={(step) => onInput({ step: step ?? '' })}
          />
        );
      case 'minutes':
        return (
          <MinutesField
            id={`${id}minutes`}
            {...limitOf(page)}
            value={input.minutes}
            onChange={(minutes) => onInput({ minutes })}
          />
        );
      case 'granted':
        return (
          <div className="stack">
            {asked?.minutes ? (
              <p className="small soft">
                {t('ticketDesk:asked', { name: asked.by.name, time: formatDuration(asked.minutes * 60_000, language) })}
                {asked.opinion ? <q className="asked-why">{asked.opinion}</q> : null}
              </p>
            ) : null}
            <Segmented
              aria-label={word}
              options={[1, 0].map((one) => ({ value: one, label: t(one ? 'act.grant' : 'act.refuse') }))}
              value={input.granted === undefined ? -1 : Number(input.granted)}
              onChange={(next) => {
                const granted = next === 1;
                const asks = input.minutes === undefined ? (asked?.minutes ?? undefined) : undefined;
                onInput({ granted, ...(granted && asks !== undefined ? { minutes: asks } : {}) });
              }}
            />
            {input.granted ? (
              <MinutesField
                id={`${id}granted`}
                {...limitOf(page)}
                value={input.minutes}
                onChange={(minutes) => onInput({ minutes })}
              />
            ) : null}
          </div>
        );
      case 'level':
        return (
          <Segmented
            aria-label={t('act.level')}
            options={page.document.levels.map((one) => ({ value: one.id, label: label(one.label) }))}
            value={input.level ?? page.level?.id ?? ''}
            onChange={(level) => onInput({ level })}
          />
        );
      case 'ticket':
        return (
          <TicketPicker
            id={`${id}ticket`}
            notId={page.id}
            value={input.ticket}
            onChange={(ticket) => onInput(ticket === undefined ? { ticket: '' } : { ticket })}
          />
        );
      case 'how':
        return (
          <Segmented
            aria-label={t('act.how')}
            options={(['related', 'same_event', 'caused_by'] as const).map((how) => ({
              value: how,
              label: t(`link.${how}`),
            }))}
            value={input.how ?? ''}
            onChange={(how) => onInput({ how: how as NonNullable<ActInput['how']> })}
          />
        );
      case 'tasks':
        return (
          <Select
            id={`${id}tasks`}
            mode="multiple"
            className="field-number"
            placeholder={t('act.chooseSigners')}
            options={page.tasks
              .filter(({ id: one }) => offer.tasks.includes(one))
              .map((task) => ({ value: task.id, label: task.heldBy?.name ?? task.party.name }))}
            value={input.tasks ?? []}
            onChange={(tasks) => onInput({ tasks })}
          />
        );
      case 'until':
        return (
          <DatePicker
            id={`${id}until`}
            className="field-number"
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            minDate={pickerOf(Date.now())}
            value={input.untilAt === undefined ? null : pickerOf(input.untilAt)}
            onChange={(next) => onInput(next ? { untilAt: pickedMs(next) } : { untilAt: undefined as never })}
          />
        );
      case 'opinion':
        return (
          <Input.TextArea
            id={`${id}opinion`}
            autoSize={{ minRows: 2, maxRows: 8 }}
            maxLength={2_000}
            value={input.opinion ?? ''}
            onChange={(event) => onInput({ opinion: event.target.value })}
          />
        );
    }
  };
  const ready = isComplete(offer, input) && !held;
  return (
    <fieldset
      className={offer.grave ? 'act-panel is-grave' : 'act-panel'}
      ref={panel}
      aria-label={word}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <h3 className="act-title">{word}</h3>
      {offer.grave ? <p className="act-grave">{t('act.grave')}</p> : null}
      {offer.do === 'takeOver' ? <p className="small soft">{t('ticketDesk:takeOverMeans')}</p> : null}
      {needs.map(({ need, required }) => (
        <div key={need} className="field">
          <label htmlFor={`${id}${need}`}>
            {t(`act.${need === 'party' ? 'parties' : need}`)}
            {required ? (
              <span className="field-required">
                <span aria-hidden="true">*</span>
                <span className="sr-only">{t('field.required')}</span>
              </span>
            ) : (
              <span className="faint"> {t('common:optional')}</span>
            )}
          </label>
          {control(need)}
        </div>
      ))}
      {problem}
      <div className="act-send">
        <Button onClick={onClose}>{t('common:cancel')}</Button>
        <Button type="primary" danger={offer.grave} disabled={!ready} loading={busy} onClick={onSend}>
          {offer.grave ? t('act.sure', { act: word }) : word}
          <Keys keys="mod+↵" />
        </Button>
      </div>
    </fieldset>
  );
}

const limitOf = ({ document }: TicketPage) => ({ most: document.extension?.maxMinutes ?? 5_256_000 });
