import { useTranslation } from 'react-i18next';
import type { TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';

/** What to say and ask at this step, for whoever has it in hand. */
export function StepScript({ page }: { page: TicketPage }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const lines = page.document.steps.find(({ id }) => id === page.step.id)?.script ?? [];
  if (lines.length === 0 || !page.offers.some(({ do: act, task }) => act === 'submit' && task !== null)) return null;
  const title = page.title || t('untitled');
  return (
    <section className="step-script" aria-label={t('script')}>
      <h3 className="step-script-title small">{t('script')}</h3>
      <ol>
        {lines.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their places, and may repeat
          <li key={i}>
            {label(line)
              .replaceAll('{number}', page.number)
              .replaceAll('{title}', () => title)}
          </li>
        ))}
      </ol>
    </section>
  );
}
