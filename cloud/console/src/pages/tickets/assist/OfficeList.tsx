import { useTranslation } from 'react-i18next';
import type { Suggestions } from '../../../api/ticket-assist.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Because } from './Because.js';

export type PickOffice = (office: { officeId: string; name: string }) => void;

interface OfficeListProps {
  appointed: Suggestions['appointed'];
  learned: Suggestions['offices'];
  onOffice: PickOffice;
}

/** Whom it may be for: who looks after the category first, then what closed tickets taught. */
export function OfficeList({ appointed, learned, onOffice }: OfficeListProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const others = learned.filter(({ officeId }) => !appointed.some((one) => one.officeId === officeId));
  if (appointed.length + others.length === 0) return null;
  const pick = (one: { officeId: string; name: string }) => (
    <button type="button" className="text-button" onClick={() => onOffice(one)}>
      {one.name}
    </button>
  );
  return (
    <section>
      <h3>{t('assist.offices')}</h3>
      <ul className="assist-list">
        {appointed.map((one) => (
          <li key={one.officeId}>
            {pick(one)}
            <span className="small soft">{t('assist.byCategory', { category: label(one.category) })}</span>
          </li>
        ))}
        {others.map((one) => (
          <li key={one.officeId}>
            {pick(one)}
            <Because of={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}
