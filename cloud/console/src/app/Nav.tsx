import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { pendingCountQuery } from '../api/devices.js';
import { overviewQuery } from '../api/overview.js';
import { paths } from '../paths.js';
import { Brand, Icon } from '../ui/icons.js';
import { AppLink } from './AppLink.js';
import { navigation, pages } from './page-table.js';
import { useRights } from './session.js';

function patternToRegExp(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/\$\w+/g, '[^/]+')}/?$`);
}

const pageMatches = pages.map((page) => ({ nav: page.nav, matches: patternToRegExp(page.path) }));

/** The one navigation: only what the person may use, with what waits for them. */
export function Nav() {
  const { t } = useTranslation('shell');
  const may = useRights();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const active = pageMatches.find((page) => page.matches.test(pathname))?.nav;
  const overview = useQuery({ ...overviewQuery(undefined), enabled: may('hall.read') });
  const pending = useQuery({ ...pendingCountQuery, enabled: may('device.approve') });
  const serious = (overview.data?.alarms.critical ?? 0) + (overview.data?.alarms.warning ?? 0);
  const badge = (key: string) => {
    if (key === 'alarms' && serious > 0) {
      const tone = (overview.data?.alarms.critical ?? 0) > 0 ? 'bad' : 'warn';
      return (
        <span className={`nav-badge nav-badge-${tone}`} title={t('nav.openAlarms', { count: serious })}>
          {serious}
        </span>
      );
    }
    if (key === 'devices' && (pending.data ?? 0) > 0) {
      return (
        <span className="nav-badge" title={t('nav.pendingDevices', { count: pending.data ?? 0 })}>
          {pending.data}
        </span>
      );
    }
    return null;
  };
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <AppLink to={paths.today()} className="nav-brand" aria-label={t('product')}>
        <Brand size={26} />
        <span className="nav-word nav-brand-word">{t('product')}</span>
      </AppLink>
      <ul>
        {navigation.map((row) => {
          const target = row.to.find((one) => may(one.right));
          if (!target) return null;
          return (
            <li key={row.key}>
              <AppLink
                to={target.path}
                className={active === row.key ? 'nav-item is-active' : 'nav-item'}
                aria-current={active === row.key ? 'page' : undefined}
                title={t(`nav.${row.key}`)}
              >
                <Icon name={row.icon} size={20} />
                <span className="nav-word">{t(`nav.${row.key}`)}</span>
                {badge(row.key)}
              </AppLink>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
