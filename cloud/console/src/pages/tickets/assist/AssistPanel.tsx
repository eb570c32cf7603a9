import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type SuggestFor, suggestionsQuery } from '../../../api/ticket-assist.js';
import type { TicketKind, TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { AlikeList } from './AlikeList.js';
import { Because } from './Because.js';
import { OfficeList, type PickOffice } from './OfficeList.js';
import { useSettled } from './use-settled.js';
import './assist.css';

interface AssistPanelProps {
  document: TicketKind;
  about: SuggestFor;
  /** Fields that may be filled in here; left out: suggestions are only shown. */
  onField?: (key: string, value: unknown) => void;
  /** Of these alone; left out: any. */
  mayFill?: readonly string[];
  onLevel?: (level: string) => void;
  level?: string | null;
  /** Where it is dispatched: whom it may be for, and what a press on one of them does. */
  onOffice?: PickOffice | undefined;
  /** The ticket that it is about, once there is one. */
  page?: TicketPage;
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Whom a complaint names and how far a matter reaches; with the field of that key that takes it, where the kind has one. */
const factsOf = (document: TicketKind, found: Record<'against' | 'scope', readonly string[]>) =>
  (['against', 'scope'] as const).flatMap((of) => {
    const field = document.fields.find(({ key, type }) => key === of && (type === 'text' || type === 'longText'));
    return found[of].length > 0 ? [{ of, field, values: found[of] }] : [];
  });

/** What the text suggests: what it is, whom it is for, what it resembles, what was answered then. Empty where nothing is known. */
export function AssistPanel({ document, about, onField, mayFill, onLevel, level, onOffice, page }: AssistPanelProps) {
  const { t } = useTranslation(['tickets', 'sensitiveWords']);
  const label = useLabel();
  const asked = useSettled(about, JSON.stringify(about));
  const isWorthAsking = Object.values(asked.fields).some((value) => typeof value === 'string' && value.length >= 4);
  const { data } = useQuery({
    ...suggestionsQuery(asked),
    enabled: isWorthAsking,
    placeholderData: keepPreviousData,
  });
  if (!data || !isWorthAsking) return null;
  const isOpen = (field: string) => about.fields[field] === undefined && (mayFill?.includes(field) ?? true);
  const fieldLabel = (key: string) => label(document.fields.find((one) => one.key === key)?.label ?? key);
  const fields = data.fields
    .map(({ field, suggestions }) => ({
      field,
      suggestions: suggestions.filter(({ value }) => !isSame(value, about.fields[field])),
    }))
    .filter(({ field, suggestions }) => suggestions.length > 0 && isOpen(field));
  const levels = level == null && onLevel ? data.levels.slice(0, 1) : [];
  const words = [...new Map(data.sensitive.map((hit) => [hit.word, hit])).values()];
  const facts = factsOf(document, {
    against: data.against.map(({ name }) => name),
    scope: data.scope.length > 0 ? [data.scope.map(({ words: said }) => said).join(t('and'))] : [],
  });
  const isEmpty =
    fields.length + levels.length + data.alike.length + data.answers.length + words.length + facts.length === 0 &&
    !(onOffice && data.appointed.length + data.offices.length > 0);
  if (isEmpty) return null;
  return (
    <aside className="assist card card-pad" aria-label={t('assist.title')}>
      <h2 className="assist-title">{t('assist.title')}</h2>
      {words.length > 0 ? (
        <p className={words.some((one) => one.level === 'urgent') ? 'assist-words problem-inline' : 'assist-words'}>
          {t('assist.sensitive', {
            words: words
              .map((one) =>
                one.class === 'other'
                  ? one.word
                  : t('assist.sensitiveOf', { ...one, about: t(`sensitiveWords:classes.${one.class}`) }),
              )
              .join(t('and')),
          })}
        </p>
      ) : null}
      {fields.map(({ field, suggestions }) => (
        <section key={field}>
          <h3>{fieldLabel(field)}</h3>
          <ul className="assist-list">
            {suggestions.map((one) => (
              <li key={JSON.stringify(one.value)}>
                {onField ? (
                  <button type="button" className="text-button" onClick={() => onField(field, one.value)}>
                    {label(one.label)}
                  </button>
                ) : (
                  label(one.label)
                )}
                <Because of={one} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {levels.map((one) => (
        <section key={one.level}>
          <h3>{t('make.level')}</h3>
          <button type="button" className="text-button" onClick={() => onLevel?.(one.level)}>
            {label(one.label)}
          </button>{' '}
          <Because of={one} />
        </section>
      ))}
      {onOffice ? <OfficeList appointed={data.appointed} learned={data.offices} onOffice={onOffice} /> : null}
      {data.alike.length > 0 ? (
        <section>
          <h3>{t('assist.alike')}</h3>
          <AlikeList items={data.alike.slice(0, 5)} page={page} />
        </section>
      ) : null}
      {data.answers.length > 0 ? (
        <section>
          <h3>{t('assist.answers')}</h3>
          {data.answers.slice(0, 3).map(({ ticket, answer }) => (
            <details key={ticket.id} className="assist-answer">
              <summary>{ticket.title}</summary>
              {answer.map((one) => (
                <p key={one.field} className="small">
                  <span className="soft">{label(one.label)}</span> {one.text}
                </p>
              ))}
            </details>
          ))}
        </section>
      ) : null}
      {facts.map(({ of, field, values }) => (
        <section key={of}>
          <h3>{field ? label(field.label) : t(`assist.facts.${of}`)}</h3>
          <p className="row row-wrap">
            {values.map((value) =>
              onField && field && isOpen(field.key) ? (
                <button key={value} type="button" className="text-button" onClick={() => onField(field.key, value)}>
                  {value}
                </button>
              ) : (
                <span key={value}>{value}</span>
              ),
            )}
          </p>
        </section>
      ))}
    </aside>
  );
}
