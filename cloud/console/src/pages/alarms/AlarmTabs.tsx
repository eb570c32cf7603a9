import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

/** What is wrong, and the rules that say so. */
export function AlarmTabs({ active }: { active: 'alarms' | 'rules' }) {
  const { t } = useTranslation('alarms');
  const tabs = [
    { key: 'alarms', to: paths.alarms() },
    { key: 'rules', to: paths.alarmRules() },
  ] as const;
  return (
    <LinkTabs
      label={t('tabs.label')}
      tabs={tabs.map(({ key, to }) => ({
        key,
        active: key === active,
        link: <AppLink to={to}>{t(`tabs.${key}`)}</AppLink>,
      }))}
    />
  );
}
