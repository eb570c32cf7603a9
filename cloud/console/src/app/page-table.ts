import type { FunctionComponent } from 'react';
import type { Right } from '../api/session.js';
import { paths } from '../paths.js';
import type { IconName } from '../ui/icons.js';

export type NavKey = 'today' | 'halls' | 'devices' | 'units' | 'video' | 'alarms' | 'tickets' | 'admin';

export interface PageRow {
  /** Route pattern; `$id` is a parameter. */
  path: string;
  /** Who may open it; none means everybody signed in. */
  right?: Right;
  /** The navigation item it stands under. */
  nav?: NavKey;
  load: () => Promise<{ default: FunctionComponent }>;
}

/** A new page is one file and one row here. */
export const pages: PageRow[] = [
  { path: '/', right: 'hall.read', nav: 'today', load: () => import('../pages/today/TodayPage.js') },
  { path: '/halls', right: 'place.read', nav: 'halls', load: () => import('../pages/halls/HallsPage.js') },
  { path: '/halls/$id', right: 'place.read', nav: 'halls', load: () => import('../pages/halls/PlacePage.js') },
  { path: '/devices', right: 'device.read', nav: 'devices', load: () => import('../pages/devices/DevicesPage.js') },
  {
    path: '/devices/pending',
    right: 'device.read',
    nav: 'devices',
    load: () => import('../pages/devices/PendingPage.js'),
  },
  {
    path: '/devices/models',
    right: 'device.read',
    nav: 'devices',
    load: () => import('../pages/devices/ModelsPage.js'),
  },
  {
    path: '/devices/commands',
    right: 'command.read',
    nav: 'devices',
    load: () => import('../pages/commands/CommandsPage.js'),
  },
  { path: '/devices/$id', right: 'device.read', nav: 'devices', load: () => import('../pages/devices/DevicePage.js') },
  { path: '/units', right: 'unit.read', nav: 'units', load: () => import('../pages/units/UnitsPage.js') },
  { path: '/units/proof', right: 'proof.read', nav: 'units', load: () => import('../pages/proof/ProofPage.js') },
  {
    path: '/units/proof/$id',
    right: 'proof.read',
    nav: 'units',
    load: () => import('../pages/proof/ReportPage.js'),
  },
  {
    path: '/units/bundles',
    right: 'bundle.write',
    nav: 'units',
    load: () => import('../pages/units/bundles/BundlesPage.js'),
  },
  {
    path: '/units/$id/proof',
    right: 'proof.read',
    nav: 'units',
    load: () => import('../pages/proof/UnitProofPage.js'),
  },
  { path: '/units/$id', right: 'unit.read', nav: 'units', load: () => import('../pages/units/UnitPage.js') },
  { path: '/video', right: 'vision.read', nav: 'video', load: () => import('../pages/video/OverviewPage.js') },
  { path: '/video/review', right: 'vision.read', nav: 'video', load: () => import('../pages/video/ReviewPage.js') },
  { path: '/video/report', right: 'vision.read', nav: 'video', load: () => import('../pages/video/RunReportPage.js') },
  { path: '/video/cameras', right: 'vision.read', nav: 'video', load: () => import('../pages/video/CamerasPage.js') },
  {
    path: '/video/cameras/$id',
    right: 'vision.read',
    nav: 'video',
    load: () => import('../pages/video/CameraPage.js'),
  },
  {
    path: '/video/cameras/$id/privacy',
    right: 'vision.read',
    nav: 'video',
    load: () => import('../pages/video/PrivacyPage.js'),
  },
  { path: '/video/live', right: 'vision.read', nav: 'video', load: () => import('../pages/live/LivePage.js') },
  {
    path: '/video/playback',
    right: 'recording.read',
    nav: 'video',
    load: () => import('../pages/playback/PlaybackPage.js'),
  },
  { path: '/alarms', right: 'alarm.read', nav: 'alarms', load: () => import('../pages/alarms/AlarmsPage.js') },
  { path: '/alarms/rules', right: 'alarm.read', nav: 'alarms', load: () => import('../pages/alarms/RulesPage.js') },
  { path: '/tickets', right: 'ticket.read', nav: 'tickets', load: () => import('../pages/tickets/TicketsPage.js') },
  {
    path: '/tickets/new',
    right: 'ticket.make',
    nav: 'tickets',
    load: () => import('../pages/tickets/NewTicketPage.js'),
  },
  {
    path: '/tickets/supervision',
    right: 'ticket.supervise',
    nav: 'tickets',
    load: () => import('../pages/tickets/SupervisionPage.js'),
  },
  {
    path: '/tickets/statistics',
    right: 'ticket.read',
    nav: 'tickets',
    load: () => import('../pages/ticket-statistics/TicketStatisticsPage.js'),
  },
  {
    path: '/tickets/incidents',
    right: 'ticket.read',
    nav: 'tickets',
    load: () => import('../pages/incident-ledger/IncidentLedgerPage.js'),
  },
  {
    path: '/tickets/kinds',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/ticket-kinds/KindsPage.js'),
  },
  {
    path: '/tickets/kinds/$id',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/ticket-kinds/KindPage.js'),
  },
  {
    path: '/tickets/auto',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/auto-tickets/AutoTicketsPage.js'),
  },
  {
    path: '/tickets/offices',
    right: 'office.read',
    nav: 'tickets',
    load: () => import('../pages/offices/OfficesPage.js'),
  },
  {
    path: '/tickets/calendars',
    right: 'ticket.read',
    nav: 'tickets',
    load: () => import('../pages/calendars/CalendarsPage.js'),
  },
  {
    path: '/tickets/imports',
    right: 'ticket.import',
    nav: 'tickets',
    load: () => import('../pages/ticket-imports/ImportsPage.js'),
  },
  {
    path: '/tickets/imports/$id',
    right: 'ticket.import',
    nav: 'tickets',
    load: () => import('../pages/ticket-imports/ImportPage.js'),
  },
  {
    path: '/tickets/mailboxes',
    right: 'ticketkind.write',
    nav: 'tickets',
    load: () => import('../pages/mailboxes/MailboxesPage.js'),
  },
  {
    path: '/tickets/forms',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/forms/FormsPage.js'),
  },
  {
    path: '/tickets/forms/$id',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/forms/FormPage.js'),
  },
  {
    path: '/tickets/forms/$id/poster',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/forms/PosterPage.js'),
  },
  {
    path: '/tickets/notice-channels',
    right: 'noticechannel.write',
    nav: 'tickets',
    load: () => import('../pages/notice-channels/NoticeChannelsPage.js'),
  },
  {
    path: '/tickets/notice-channels/log',
    right: 'noticechannel.write',
    nav: 'tickets',
    load: () => import('../pages/notice-channels/NoticeLogPage.js'),
  },
  {
    path: '/tickets/exchange',
    right: 'ticketexchange.write',
    nav: 'tickets',
    load: () => import('../pages/exchange/ExchangePage.js'),
  },
  {
    path: '/tickets/exchange/$id',
    right: 'ticketexchange.write',
    nav: 'tickets',
    load: () => import('../pages/exchange/ChannelPage.js'),
  },
  {
    path: '/tickets/categories',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/categories/CategoriesPage.js'),
  },
  {
    path: '/tickets/aside',
    right: 'ticket.supervise',
    nav: 'tickets',
    load: () => import('../pages/tickets-aside/AsidePage.js'),
  },
  {
    path: '/tickets/sensitive-words',
    right: 'ticketkind.read',
    nav: 'tickets',
    load: () => import('../pages/sensitive-words/SensitiveWordsPage.js'),
  },
  { path: '/tickets/$id', right: 'ticket.read', nav: 'tickets', load: () => import('../pages/tickets/TicketPage.js') },
  {
    path: '/tickets/$id/print',
    right: 'ticket.read',
    nav: 'tickets',
    load: () => import('../pages/tickets/PrintPage.js'),
  },
  { path: '/m/tickets', right: 'ticket.read', load: () => import('../pages/tickets/field/FieldListPage.js') },
  { path: '/m/tickets/$id', right: 'ticket.read', load: () => import('../pages/tickets/field/FieldTicketPage.js') },
  { path: '/admin/people', right: 'user.read', nav: 'admin', load: () => import('../pages/admin/PeoplePage.js') },
  { path: '/admin/roles', right: 'user.read', nav: 'admin', load: () => import('../pages/admin/RolesPage.js') },
  {
    path: '/admin/sign-in',
    right: 'signon.write',
    nav: 'admin',
    load: () => import('../pages/admin/SignInRulesPage.js'),
  },
  { path: '/admin/api-keys', right: 'apikey.write', nav: 'admin', load: () => import('../pages/admin/ApiKeysPage.js') },
  { path: '/admin/backups', right: 'backup.read', nav: 'admin', load: () => import('../pages/admin/BackupsPage.js') },
  {
    path: '/admin/certificates',
    right: 'pki.write',
    nav: 'admin',
    load: () => import('../pages/admin/CertificatesPage.js'),
  },
  { path: '/admin/audit', right: 'audit.read', nav: 'admin', load: () => import('../pages/admin/AuditPage.js') },
  { path: '/sign-in', load: () => import('../pages/sign-in/AlreadyInPage.js') },
  { path: '/me', load: () => import('../pages/me/MePage.js') },
];

export interface NavRow {
  key: NavKey;
  icon: IconName;
  /** The first of these that the person may open is where the item leads; none: the item is not shown. */
  to: { path: string; right: Right }[];
  /** `g` then this key. */
  go: string;
}

/** The navigation, by job. */
export const navigation: NavRow[] = [
  { key: 'today', icon: 'today', go: 't', to: [{ path: paths.today(), right: 'hall.read' }] },
  { key: 'halls', icon: 'hall', go: 'h', to: [{ path: paths.halls(), right: 'place.read' }] },
  { key: 'devices', icon: 'device', go: 'd', to: [{ path: paths.devices(), right: 'device.read' }] },
  {
    key: 'units',
    icon: 'unit',
    go: 'u',
    to: [
      { path: paths.units(), right: 'unit.read' },
      { path: paths.proof(), right: 'proof.read' },
      { path: paths.bundles(), right: 'bundle.write' },
    ],
  },
  { key: 'video', icon: 'camera', go: 'v', to: [{ path: paths.review(), right: 'vision.read' }] },
  { key: 'alarms', icon: 'alarm', go: 'a', to: [{ path: paths.alarms(), right: 'alarm.read' }] },
  { key: 'tickets', icon: 'ticket', go: 'w', to: [{ path: paths.tickets(), right: 'ticket.read' }] },
  {
    key: 'admin',
    icon: 'admin',
    go: 'm',
    to: [
      { path: paths.people(), right: 'user.read' },
      { path: paths.apiKeys(), right: 'apikey.write' },
      { path: paths.audit(), right: 'audit.read' },
      { path: paths.backups(), right: 'backup.read' },
    ],
  },
];

/** Where somebody begins who may not see the start page: at their tickets, or at the first page that they may see. */
export const firstPage = (may: (right: Right) => boolean) => {
  const open = navigation
    .flatMap(({ key, to }) => to.map((one) => ({ key, ...one })))
    .filter(({ right }) => may(right));
  return (may('ticket.act') ? open.find(({ key }) => key === 'tickets') : undefined) ?? open[0];
};
