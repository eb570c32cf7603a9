import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type UnitSeal, unitSealsQuery } from '../../api/units.js';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { type StatusLook, StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { useCodeWord } from '../parts/words.js';

const dayMs = 24 * 3_600_000;
type Verdict = 'equal' | 'waiting' | 'different';

const looks: Record<Verdict, StatusLook> = {
  equal: { tone: 'quiet', shape: 'check' },
  waiting: { tone: 'accent', shape: 'ring' },
  different: { tone: 'bad', shape: 'diamond' },
};

/** Equal is proof; what cannot be judged yet may still come; two that differ are a loss or a double. */
export function verdictOf(seal: Pick<UnitSeal, 'equal'>): Verdict {
  if (seal.equal === null) return 'waiting';
  return seal.equal ? 'equal' : 'different';
}

/** The last day's seals, hour by hour and lane by lane: both ends counted the same rows, or did not. */
export function SealGrid({ unitId, zone }: { unitId: string; zone: string | undefined }) {
  const { t } = useTranslation('units');
  const language = useLanguage();
  const word = useCodeWord();
  const [span] = useState(() => {
    const now = Date.now();
    return { from: new Date(now - dayMs).toISOString(), to: new Date(now).toISOString() };
  });
  const query = useQuery(unitSealsQuery(unitId, span.from, span.to));
  if (!query.data) {
    return (
      <div className="card-pad">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : (
          <SkeletonLines lines={3} />
        )}
      </div>
    );
  }
  if (query.data.length === 0) return <p className="line-note">{t('seal.none')}</p>;
  const lanes = [...new Set(query.data.map((seal) => seal.lane))];
  const verdicts = query.data.map(verdictOf);
  const counted = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  return (
    <div className="card-pad">
      <p className="row row-wrap seal-summary">
        {(['different', 'waiting', 'equal'] as const).map((verdict) =>
          counted(verdict) > 0 ? (
            <StatusMark key={verdict} {...looks[verdict]} word={t(`seal.${verdict}`, { count: counted(verdict) })} />
          ) : null,
        )}
      </p>
      <div className="seal-lanes">
        {lanes.map((lane) => (
          <div key={lane} className="seal-lane">
            <span className="faint small">{word('lane', lane)}</span>
            <ul className="seal-hours" aria-label={word('lane', lane)}>
              {query.data
                .filter((seal) => seal.lane === lane)
                .sort((a, b) => a.hour.localeCompare(b.hour))
                .map((seal) => {
                  const verdict = verdictOf(seal);
                  const rows = formatNumber(seal.cloud?.count ?? seal.unit?.count ?? 0, language, 0);
                  const said = `${formatStamp(seal.hour, zone).slice(0, 16)} · ${t(`seal.${verdict}One`)} · ${t('seal.rows', { rows })}`;
                  return (
                    <li key={`${seal.epoch}${seal.hour}`} className={`seal seal-${verdict}`} title={said}>
                      <span className="sr-only">{said}</span>
                    </li>
                  );
                })}
            </ul>
          </div>
        ))}
      </div>
    </div>
  );
}
