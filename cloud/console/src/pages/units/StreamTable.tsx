import { useTranslation } from 'react-i18next';
import type { Unit } from '../../api/units.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useCodeWord } from '../parts/words.js';

const lanes = ['events', 'live', 'backlog', 'manifest'] as const;

/** Each lane's cursor, what waits behind it, and what went wrong on it. */
export function StreamTable({ unit }: { unit: Unit }) {
  const { t } = useTranslation('units');
  const language = useLanguage();
  const word = useCodeWord();
  const number = (value: number | null) => (value === null ? '—' : formatNumber(value, language, 0));
  if (unit.streams.length === 0) return <p className="line-note">{t('stream.none')}</p>;
  const sorted = unit.streams
    .filter((stream) => !stream.closed)
    .sort((a, b) => lanes.indexOf(a.lane) - lanes.indexOf(b.lane));
  return (
    <div className="scroll-x">
      <table className="plain-table" aria-label={t('section.streams')}>
        <thead>
          <tr>
            <th scope="col">{t('stream.lane')}</th>
            <th scope="col" className="align-end">
              {t('stream.cursor')}
            </th>
            <th scope="col" className="align-end">
              {t('columns.pending')}
            </th>
            <th scope="col">{t('stream.committed')}</th>
            <th scope="col" className="align-end">
              {t('stream.rows24h')}
            </th>
            <th scope="col" className="align-end">
              {t('stream.aside')}
            </th>
            <th scope="col" className="align-end">
              {t('stream.gaps')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((stream) => (
            <tr key={`${stream.lane}${stream.epoch}`}>
              <th scope="row" title={t('stream.epoch', { epoch: stream.epoch })}>
                {word('lane', stream.lane)}
              </th>
              <td className="align-end">{number(stream.cursor)}</td>
              <td className="align-end">{number(stream.pending)}</td>
              <td>
                <RelativeTime time={stream.committedAt} />
              </td>
              <td className="align-end">{number(stream.rows24h)}</td>
              <td className="align-end">
                <Fault count={stream.aside} help={t('stream.asideHelp')} />
              </td>
              <td className="align-end">
                <Fault count={stream.gaps} help={t('stream.gapsHelp')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fault({ count, help }: { count: number; help: string }) {
  if (!count) return <span className="faint">0</span>;
  return <StatusMark tone="warn" shape="triangle" word={String(count)} title={help} />;
}
