import { useTranslation } from 'react-i18next';
import type { SupportLine } from '../../api/incidents.js';
import { useTenantRights } from '../../app/session.js';
import { today } from '../../format/page-zone.js';
import { Section } from '../../ui/Page.js';
import { LedgerSheet } from './LedgerSheet.js';
import { SupportLineForm } from './SupportLineForm.js';

/** One decimal, never rounded up to the aim. */
const shareOf = ({ offered, answered }: Pick<SupportLine, 'offered' | 'answered'>): string =>
  offered === 0 ? '–' : `${(Math.floor((answered / offered) * 1_000) / 10).toFixed(1)} %`;

interface SupportLineSectionProps {
  line: SupportLine;
  /** Of the period that is shown. */
  firstDay: string;
  lastDay: string;
}

/** Calls to the support line: how many were answered, beside the aim and the period before; a day's figures are written here. */
export function SupportLineSection({ line, firstDay, lastDay }: SupportLineSectionProps) {
  const { t } = useTranslation('incidents');
  // The line is the organisation's, no hall's.
  const mayWrite = useTenantRights()('ticket.supervise');
  const isShort = line.offered > 0 && line.answered < line.aim * line.offered;
  const aim = Math.round(line.aim * 100);
  return (
    <Section title={t('line.title')}>
      <dl className="incidents-figures incidents-line">
        <div>
          <dt>{t('line.rate')}</dt>
          <dd className={isShort ? 'is-short' : undefined}>
            {shareOf(line)}
            <small>
              {t(isShort ? 'line.short' : 'line.aim', { aim })} · {t('before', { value: shareOf(line.before) })}
            </small>
          </dd>
        </div>
        <div>
          <dt>{t('line.offered')}</dt>
          <dd>
            {line.offered}
            <small>{t('before', { value: line.before.offered })}</small>
          </dd>
        </div>
        <div>
          <dt>{t('line.answered')}</dt>
          <dd>
            {line.answered}
            <small>{t('before', { value: line.before.answered })}</small>
          </dd>
        </div>
      </dl>
      {line.days.length > 0 ? (
        <LedgerSheet
          head={[t('line.day'), t('line.offered'), t('line.answered'), t('line.rate'), t('line.by'), t('line.note')]}
          words={2}
          rows={line.days
            .toReversed()
            .map((one) => [
              ...[one.day, String(one.offered), String(one.answered), shareOf(one)],
              ...[one.by, one.note ?? ''],
            ])}
        />
      ) : (
        <p className="incidents-faults faint">{t(mayWrite ? 'line.none' : 'line.noneToRead')}</p>
      )}
      {mayWrite ? (
        <SupportLineForm
          key={lastDay}
          {...{ first: firstDay, last: lastDay < today() ? lastDay : today(), written: line.days }}
        />
      ) : null}
    </Section>
  );
}
