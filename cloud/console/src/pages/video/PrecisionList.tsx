import { useTranslation } from 'react-i18next';
import type { RulePrecision } from '../../api/vision.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { useAlgorithmName } from './use-algorithm-name.js';

/** How right each rule was, how sure that is, and what would make it better. */
export function PrecisionList({ items }: { items: RulePrecision[] }) {
  const { t } = useTranslation('video');
  const algorithm = useAlgorithmName();
  const language = useLanguage();
  const percent = (share: number) => `${formatNumber(Math.round(share * 100), language)} %`;
  return (
    <ul className="precision">
      {items.map((item) => (
        <li key={`${item.deviceId} ${item.ruleId}`}>
          <div className="precision-name">
            <AppLink to={paths.review()} search={{ rule: item.ruleId, state: 'all' }} className="clip">
              {item.name}
            </AppLink>
            <span className="small faint clip">
              {algorithm(item.algorithm)} · {item.deviceName}
              {item.experimental ? ` · ${t('experimental')}` : null}
            </span>
          </div>
          <div className="precision-value">
            {item.precision === null || item.low === null || item.high === null ? (
              <span className="faint">—</span>
            ) : (
              <>
                <span>{percent(item.precision)}</span>
                <span
                  className="precision-range"
                  role="img"
                  aria-label={`${percent(item.low)} – ${percent(item.high)}`}
                  title={`${percent(item.low)} – ${percent(item.high)}`}
                >
                  <span
                    className="precision-line"
                    style={{ left: `${item.low * 100}%`, width: `${(item.high - item.low) * 100}%` }}
                  />
                  <span className="precision-dot" style={{ left: `${item.precision * 100}%` }} />
                </span>
              </>
            )}
            <span className="small faint nowrap">
              {t('overview.ofDecided', { accepted: item.accepted, decided: item.decided })}
            </span>
          </div>
          <Suggestion item={item} />
        </li>
      ))}
    </ul>
  );
}

function Suggestion({ item }: { item: RulePrecision }) {
  const { t } = useTranslation('video');
  const { suggestion } = item;
  if ('none' in suggestion) {
    return (
      <p className="small faint precision-say">
        {t(`overview.noSuggestion.${suggestion.none}`, { needed: suggestion.needed })}
      </p>
    );
  }
  return (
    <p className="small precision-say">
      <AppLink to={paths.camera(item.deviceId)}>{t('overview.suggest', { to: suggestion.minConfidence })}</AppLink>{' '}
      <span className="faint">
        {item.minConfidence === null ? null : `${t('overview.now', { value: item.minConfidence })} · `}
        {t('overview.suggestWhy', {
          ...{
            gone: suggestion.falseGone,
            all: suggestion.falseAll,
            kept: suggestion.trueKept,
            of: suggestion.trueAll,
          },
        })}
      </span>
    </p>
  );
}
