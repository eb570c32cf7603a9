import { useTranslation } from 'react-i18next';
import type { ClocksWhatIf } from '../../api/what-if.js';
import { formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { LightMark } from '../tickets/marks.js';
import { WhatIfRefused } from './WhatIfRefused.js';
import './what-if.css';

const moves = ['earlier', 'later', 'never', 'again'] as const;

/** Which running clocks move, which break and which are saved; the tickets, what breaks first. */
export function WhatIfTold({ told, zone }: { told: ClocksWhatIf; zone: string }) {
  const { t } = useTranslation('whatIf');
  const label = useLabel();
  const thisYear = formatStamp(told.at, zone).slice(0, 5);
  const time = (at: string | null | undefined) =>
    at ? formatStamp(at, zone).slice(0, 16).replace(thisYear, '') : t('noDue');
  return (
    <div className="stack">
      {told.looked > 0 || told.refused === 0 ? (
        <p className="what-if-sum">{told.tickets === 0 ? t('none') : t('affects', { count: told.tickets })}</p>
      ) : null}
      <ul className="row row-wrap what-if-counts">
        {moves
          .filter((move) => told.moved[move] > 0)
          .map((move) => (
            <li key={move}>{t(`moved.${move}`, { count: told.moved[move] })}</li>
          ))}
        {told.breaks > 0 ? (
          <li>
            <StatusMark tone="bad" shape="diamond" word={t('breaks', { count: told.breaks })} />
          </li>
        ) : null}
        {told.saved > 0 ? (
          <li>
            <StatusMark tone="quiet" shape="check" word={t('saved', { count: told.saved })} />
          </li>
        ) : null}
      </ul>
      {told.isCut ? <p className="soft small">{t('cut', { looked: told.looked, clocks: told.clocks })}</p> : null}
      <WhatIfRefused told={told} />
      {told.items.length > 0 ? (
        <div className="what-if-list">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('ticket')}</th>
                <th scope="col" className="what-if-due">
                  {t('clock')}
                </th>
                <th scope="col" className="what-if-result">
                  {t('result')}
                </th>
              </tr>
            </thead>
            <tbody>
              {told.items.map((item) => (
                <tr key={`${item.ticket.id} ${item.clock} ${item.run}`}>
                  <td>
                    <a href={paths.ticket(item.ticket.id)} target="_blank" rel="noreferrer" className="mono">
                      {item.ticket.number}
                    </a>
                    <span className="what-if-title soft small">{item.ticket.title}</span>
                  </td>
                  <td className="what-if-due">
                    <span>{label(item.label)}</span>
                    <span className="faint small">{time(item.before?.dueAt)}</span>
                    <span className="small">→ {time(item.after?.dueAt)}</span>
                  </td>
                  <td>
                    {item.breaks ? (
                      <StatusMark tone="bad" shape="diamond" word={t('breaksOne')} />
                    ) : item.saved ? (
                      <StatusMark tone="quiet" shape="check" word={t('savedOne')} />
                    ) : (
                      <span className="soft">{t(`move.${item.move}`)}</span>
                    )}
                    {item.after && !item.breaks && !item.saved && item.after.light !== item.before?.light ? (
                      <LightMark light={item.after.light} />
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {told.items.length > 0 && told.items.length < told.tickets ? (
        <p className="faint small">{t('first', { count: told.items.length })}</p>
      ) : null}
    </div>
  );
}
