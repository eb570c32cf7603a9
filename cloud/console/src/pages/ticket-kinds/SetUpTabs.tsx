import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

export type SetUpTab =
  | 'kinds'
  | 'imports'
  | 'mailboxes'
  | 'categories'
  | 'auto'
  | 'offices'
  | 'calendars'
  | 'forms'
  | 'exchange'
  | 'words'
  | 'notices'
  | 'aside';

/** What tickets go by: their kinds, the offices that handle them, the days on which people work. */
export function SetUpTabs({ active }: { active: SetUpTab }) {
  const { t } = useTranslation('ticketKinds');
  const may = useRights();
  const tabs = [
    { key: 'tickets', to: paths.tickets(), right: 'ticket.read' },
    { key: 'kinds', to: paths.ticketKinds(), right: 'ticketkind.read' },
    { key: 'categories', to: paths.categories(), right: 'ticketkind.read' },
    { key: 'auto', to: paths.autoTickets(), right: 'ticketkind.read' },
    { key: 'offices', to: paths.offices(), right: 'office.read' },
    { key: 'calendars', to: paths.workCalendars(), right: 'ticket.read' },
    { key: 'forms', to: paths.ticketForms(), right: 'ticketkind.read' },
    { key: 'imports', to: paths.ticketImports(), right: 'ticket.import' },
    { key: 'mailboxes', to: paths.mailboxes(), right: 'ticketkind.write' },
    { key: 'exchange', to: paths.exchange(), right: 'ticketexchange.write' },
    { key: 'words', to: paths.sensitiveWords(), right: 'ticketkind.read' },
    { key: 'notices', to: paths.noticeChannels(), right: 'noticechannel.write' },
    { key: 'aside', to: paths.ticketsAside(), right: 'ticket.supervise' },
  ] as const;
  return (
    <LinkTabs
      label={t('setUp.label')}
      tabs={tabs
        .filter(({ right }) => may(right))
        .map(({ key, to }) => ({ key, active: key === active, link: <AppLink to={to}>{t(`setUp.${key}`)}</AppLink> }))}
    />
  );
}
