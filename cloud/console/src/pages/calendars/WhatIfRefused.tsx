import { useTranslation } from 'react-i18next';
import type { ClocksWhatIf } from '../../api/what-if.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';

/** How many tickets could not be computed, and each reason with some of them. */
export function WhatIfRefused({ told: { refused, reasons } }: { told: ClocksWhatIf }) {
  const { t } = useTranslation(['whatIf', 'ticketKinds']);
  const label = useLabel();
  if (refused === 0) return null;
  const reasonOf = (code: string) =>
    code === 'unreadable' || code === 'not_computed'
      ? t(`reason.${code}`)
      : t(`ticketKinds:obstacle.${code as 'ended'}`, { defaultValue: code });
  return (
    <div className="soft small">
      <p>{t('refused', { count: refused })}</p>
      <ul className="what-if-reasons">
        {reasons.map(({ code, about, label: called, tickets, named }) => (
          <li key={`${code} ${about}`}>
            {about
              ? t('reasonAbout', { reason: reasonOf(code), name: called ? label(called) : about })
              : reasonOf(code)}
            {' · '}
            {t('reasonTickets', { count: tickets })}
            {named.map(({ id, number }) => (
              <a key={id} href={paths.ticket(id)} target="_blank" rel="noreferrer" className="mono">
                {number}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}
