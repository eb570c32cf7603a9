import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TicketImportPage } from '../../api/ticket-imports.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Proportion } from '../../ui/Proportion.js';

/** How far it is, and what became of the rows; nothing is left out of the sum. */
export function ImportProgress({ one }: { one: TicketImportPage }) {
  const { t } = useTranslation('ticketImports');
  const language = useLanguage();
  const number = (value: number) => formatNumber(value, language, 0);
  const isPlanned = one.state === 'checking' || one.state === 'checked';
  const fine = Math.max(0, one.checked - one.faulty - one.known);
  const parts = isPlanned
    ? [
        { key: 'fine', count: fine, tone: 'accent' as const },
        { key: 'known', count: one.known, tone: 'quiet' as const },
        { key: 'faulty', count: one.faulty, tone: 'bad' as const },
      ]
    : [
        { key: 'made', count: one.made, tone: 'accent' as const },
        { key: 'known', count: one.known, tone: 'quiet' as const },
        { key: 'bad', count: one.bad, tone: 'bad' as const },
        { key: 'left', count: one.left, tone: 'unknown' as const },
      ];
  const done = one.state === 'checking' ? one.checked : one.rows - one.left;
  const percent = one.rows === 0 ? 0 : Math.floor((done / one.rows) * 100);
  return (
    <section className="import-figures" aria-live="polite">
      {one.state === 'checking' || one.state === 'running' ? (
        <div className="import-progress">
          <Progress percent={percent} status="active" />
          <span className="soft small">
            {t(`progress.${one.state}`, { done: number(done), rows: number(one.rows) })}
          </span>
        </div>
      ) : (
        <Proportion
          label={t('title')}
          parts={parts.map((part) => ({ ...part, word: t(`count.${part.key as 'made'}`) }))}
        />
      )}
      <dl className="import-counts">
        {parts.map(({ key, count, tone }) => (
          <div key={key} className={`import-count count-${tone}`}>
            <dt>{t(`count.${key as 'made'}`)}</dt>
            <dd className={tone === 'bad' && count > 0 ? 'import-bad' : undefined}>{number(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
