import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

/** The pages of tickets that this person may open. */
export function TicketTabs({ active }: { active: 'tickets' | 'supervision' | 'statistics' | 'incidents' }) {
  const { t } = useTranslation(['tickets', 'ticketKinds']);
  const may = useRights();
  const tabs = [
    { key: 'tickets', to: paths.tickets(), right: 'ticket.read' },
    { key: 'supervision', to: paths.supervision(), right: 'ticket.supervise' },
    { key: 'statistics', to: paths.ticketStatistics(), right: 'ticket.read' },
    { key: 'incidents', to: paths.incidents(), right: 'ticket.read' },
  ] as const;
  return (
    <LinkTabs
      label={t('tabs.label')}
      tabs={tabs
        .filter(({ right }) => may(right))
        .map(({ key, to }) => ({
          key: key as string,
          active: key === active,
          link: <AppLink to={to}>{t(`tabs.${key}`)}</AppLink>,
        }))
        .concat(
          may('ticketkind.read')
            ? [
                {
                  key: 'setUp',
                  active: false,
                  link: <AppLink to={paths.ticketKinds()}>{t('ticketKinds:setUp.label')}</AppLink>,
                },
              ]
            : [],
        )}
    />
  );
}
