import { useTranslation } from 'react-i18next';
import type { Finding, ReviewDetail } from '../../api/review.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration, formatExact, formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Elapsed } from '../../ui/RelativeTime.js';
import { Facts } from '../parts/Facts.js';
import { useAlgorithmName } from './use-algorithm-name.js';

/** What is known of one finding. */
export function FindingFacts({ item, finding }: { item: ReviewDetail; finding: Finding }) {
  const { t } = useTranslation('video');
  const language = useLanguage();
  const algorithm = useAlgorithmName();
  const tookMs = finding.endedAt ? Date.parse(finding.endedAt) - Date.parse(finding.startedAt) : 0;
  return (
    <Facts
      facts={[
        {
          label: t('fact.when'),
          value: (
            <span title={formatExact(finding.startedAt, item.timeZone)}>
              {formatStamp(finding.startedAt, item.timeZone)}
            </span>
          ),
        },
        finding.goesOn
          ? { label: t('fact.lasting'), value: <Elapsed since={finding.startedAt} /> }
          : tookMs > 0 && { label: t('fact.lasted'), value: formatDuration(tookMs, language) },
        {
          label: t('fact.algorithm'),
          value: (
            <>
              {algorithm(finding.algorithm)}
              {finding.experimental ? <span className="faint"> · {t('experimental')}</span> : null}
            </>
          ),
        },
        finding.count !== null && { label: t('fact.count'), value: formatNumber(finding.count, language) },
        finding.confidence !== null && {
          label: t('fact.confidence'),
          value: formatNumber(finding.confidence, language),
        },
        finding.detail && {
          label: t('fact.detail'),
          value: kindOf(finding.detail) ? t(`option.${kindOf(finding.detail)!}`) : finding.detail,
        },
        { label: t('fact.faces'), value: t(`faces.${finding.faces}`) },
        { label: t('fact.number'), value: <code>{finding.number}</code> },
      ]}
    />
  );
}

const pictureFaults = ['black', 'frozen', 'covered', 'moved', 'blurred'] as const;

/** What the unit calls a fault of the picture, where that is its detail. */
const kindOf = (detail: string) => pictureFaults.find((kind) => kind === detail);
