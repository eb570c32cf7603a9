import { useTranslation } from 'react-i18next';
import type { ProofHour, UnitDayProof } from '../../api/proof.js';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { useCodeWord } from '../parts/words.js';
import { worstState } from './proof-looks.js';

const hourMs = 3_600_000;
const laneOrder = ['events', 'live', 'backlog', 'manifest'];

/** Each lane's day, hour by hour: shape and colour say how both ends compare, the text on each hour says it in words. */
export function HourStrips({ proof }: { proof: UnitDayProof }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const word = useCodeWord();
  const from = Date.parse(proof.from);
  const slots = Array.from({ length: Math.round((Date.parse(proof.to) - from) / hourMs) }, (_, i) => from + i * hourMs);
  const lanes = laneOrder.filter((lane) => proof.hours.some((hour) => hour.lane === lane));
  const rowsOf = (hours: readonly ProofHour[]) =>
    hours.reduce((sum, hour) => sum + (hour.unit?.count ?? hour.cloud?.count ?? 0), 0);
  return (
    <div className="proof-strips">
      {lanes.map((lane) => (
        <div key={lane} className="proof-lane">
          <span className="faint small">{word('lane', lane)}</span>
          <ul className="proof-hours" aria-label={word('lane', lane)} style={{ '--hours': slots.length } as never}>
            {slots.map((slot) => {
              const hours = proof.hours.filter((hour) => hour.lane === lane && Date.parse(hour.hour) === slot);
              const state = worstState(hours.map((hour) => hour.state));
              const time = formatStamp(new Date(slot).toISOString(), proof.timeZone).slice(11, 16);
              const said = state
                ? `${time} · ${t(`hour.${state}`)} · ${t('rows', { count: rowsOf(hours), shown: formatNumber(rowsOf(hours), language, 0) })}`
                : `${time} · ${t('hour.nothing')}`;
              return (
                <li key={slot} className={`proof-hour proof-hour-${state ?? 'nothing'}`} title={said}>
                  <span className="sr-only">{said}</span>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
      <div className="proof-lane proof-axis" aria-hidden="true">
        <span />
        <div className="proof-ticks">
          {[0, 6, 12, 18].map((hour) => (
            <span key={hour}>{String(hour).padStart(2, '0')}:00</span>
          ))}
          <span>24:00</span>
        </div>
      </div>
      <ul className="proof-legend">
        {(['equal', 'open', 'arriving', 'thinned', 'different', 'unknown'] as const).map((state) =>
          proof.hours.some((hour) => hour.state === state) ? (
            <li key={state}>
              <span className={`proof-hour proof-hour-${state}`} aria-hidden="true" />
              {t(`hour.${state}`)}
            </li>
          ) : null,
        )}
      </ul>
    </div>
  );
}
