import { useTranslation } from 'react-i18next';
import type { TicketKind } from '../../../api/tickets.js';
import { formatDuration } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import type { RefusedAct } from './refusal.js';

/** Why it was not done, and at which fields, in the reader's words. */
export function RefusedWord({ refused, document }: { refused: RefusedAct; document: Pick<TicketKind, 'fields'> }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const language = useLanguage();
  const names = Object.keys(refused.fields)
    .map((key) => label(document.fields.find((field) => field.key === key)?.label) || key)
    .join(t('and'));
  const { maxMinutes, most, count } = refused.facts;
  const number = typeof most === 'number' ? most : typeof count === 'number' ? count : 0;
  const time = typeof maxMinutes === 'number' ? formatDuration(maxMinutes * 60_000, language) : '';
  return (
    <p role="alert" className="problem-inline">
      {t(`refused.${refused.code}`, { names, number, time })}
    </p>
  );
}
