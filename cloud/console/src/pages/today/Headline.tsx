import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/overview.js';
import { ticketCountsQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';

interface HeadlineProps {
  overview: Overview;
  /** Narrows what the links lead to. */
  hallId: string | undefined;
}

/** One's own tickets are counted wherever they are: so are those that the link leads to. */
const ofAllHalls = { hall: undefined };

/** What needs a hand, worst first; one quiet sentence when nothing does. */
export function Headline({ overview, hallId }: HeadlineProps) {
  const { t } = useTranslation('today');
  const may = useRights();
  const { data: tickets } = useQuery({ ...ticketCountsQuery, enabled: may('ticket.act') });
  const { alarms, devices, units } = overview;
  const unitsAway = units.total - units.online - units.neverSeen;
  const worries = [
    alarms.critical > 0 && {
      key: 'critical',
      mark: <StatusMark tone="bad" shape="diamond" word={t('worry.critical', { count: alarms.critical })} />,
      to: paths.alarms(),
      more: { severity: 'critical' },
    },
    unitsAway > 0 && {
      key: 'units',
      mark: <StatusMark tone="bad" shape="cross" word={t('worry.units', { count: unitsAway })} />,
      to: paths.units(),
      more: { presence: 'offline' },
    },
    tickets !== undefined &&
      tickets.todoRed > 0 && {
        key: 'ticketsLate',
        mark: <StatusMark tone="bad" shape="diamond" word={t('worry.ticketsLate', { count: tickets.todoRed })} />,
        to: paths.tickets(),
        more: { ...ofAllHalls, light: 'red' },
      },
    alarms.warning > 0 && {
      key: 'warning',
      mark: <StatusMark tone="warn" shape="triangle" word={t('worry.warning', { count: alarms.warning })} />,
      to: paths.alarms(),
      more: { severity: 'warning' },
    },
    devices.offline > 0 && {
      key: 'offline',
      mark: <StatusMark tone="bad" shape="cross" word={t('worry.offline', { count: devices.offline })} />,
      to: paths.devices(),
      more: { presence: 'offline' },
    },
    devices.degraded > 0 && {
      key: 'degraded',
      mark: <StatusMark tone="warn" shape="triangle" word={t('worry.degraded', { count: devices.degraded })} />,
      to: paths.devices(),
      more: { presence: 'degraded' },
    },
    tickets !== undefined &&
      tickets.todoYellow > 0 && {
        key: 'ticketsSoon',
        mark: <StatusMark tone="warn" shape="triangle" word={t('worry.ticketsSoon', { count: tickets.todoYellow })} />,
        to: paths.tickets(),
        more: { ...ofAllHalls, light: 'yellow' },
      },
    tickets !== undefined &&
      tickets.todo > 0 && {
        key: 'tickets',
        mark: <StatusMark tone="accent" shape="half" word={t('worry.tickets', { count: tickets.todo })} />,
        to: paths.tickets(),
        more: ofAllHalls,
      },
    devices.quarantined > 0 && {
      key: 'pending',
      mark: <StatusMark tone="accent" shape="half" word={t('worry.pending', { count: devices.quarantined })} />,
      to: paths.pendingDevices(),
      more: {},
    },
  ].filter((worry) => worry !== false);
  const serious = worries.some(({ key }) => key !== 'pending' && key !== 'tickets');
  return (
    <div className="headline">
      <p className="headline-word">{serious ? t('attention') : t('allWell')}</p>
      {worries.length > 0 ? (
        <ul className="headline-list">
          {worries.map((worry) => (
            <li key={worry.key}>
              <AppLink
                to={worry.to}
                search={hallId ? { hall: hallId, ...worry.more } : worry.more}
                className="headline-link"
              >
                {worry.mark}
              </AppLink>
            </li>
          ))}
        </ul>
      ) : (
        <p className="soft">{t('allWellMore', { count: devices.online })}</p>
      )}
    </div>
  );
}
