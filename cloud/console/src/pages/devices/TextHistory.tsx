import type { Property } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import type { History } from '../../api/devices.js';
import { formatClock } from '../../format/time.js';
import { PropertyValue } from './PropertyValue.js';

interface TextHistoryProps {
  property: Property;
  history: History;
  toMs: number;
  zone: string | undefined;
}

const mostTexts = 100;

/** What a device said over time, newest first. */
export function TextHistory({ property, history, toMs, zone }: TextHistoryProps) {
  const { t } = useTranslation('devices');
  const said = [...(history.before ? [history.before] : []), ...history.points];
  return (
    <div className="text-history">
      <ol className="changes" aria-label={t('history.changes')}>
        {said
          .slice(-mostTexts)
          .reverse()
          .map(({ at, value }) => (
            <li key={at}>
              <span className="faint small changes-at">{formatClock(at, toMs, zone)}</span>
              <span className="grow">
                <PropertyValue shape={property} value={value} whole />
              </span>
            </li>
          ))}
      </ol>
      {said.length > mostTexts ? <p className="faint small">{t('history.changesMore', { count: mostTexts })}</p> : null}
    </div>
  );
}
