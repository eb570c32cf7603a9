import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { pendingCountQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

/** The devices in use, those that wait at the door, and the models they are of. */
export function DeviceTabs({ active }: { active: 'all' | 'pending' | 'models' | 'commands' }) {
  const { t } = useTranslation('devices');
  const may = useRights();
  const pending = useQuery(pendingCountQuery);
  return (
    <LinkTabs
      label={t('tabs.label')}
      tabs={[
        { key: 'all', active: active === 'all', link: <AppLink to={paths.devices()}>{t('tabs.all')}</AppLink> },
        {
          key: 'pending',
          active: active === 'pending',
          link: (
            <AppLink to={paths.pendingDevices()}>
              {t('tabs.pending')}
              {(pending.data ?? 0) > 0 ? <span className="link-tab-count">{pending.data}</span> : null}
            </AppLink>
          ),
        },
        {
          key: 'models',
          active: active === 'models',
          link: <AppLink to={paths.deviceModels()}>{t('tabs.models')}</AppLink>,
        },
        ...(may('command.read')
          ? [
              {
                key: 'commands',
                active: active === 'commands',
                link: <AppLink to={paths.commands()}>{t('tabs.commands')}</AppLink>,
              },
            ]
          : []),
      ]}
    />
  );
}
