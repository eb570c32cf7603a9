import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

/** What cameras found, how it stands, and what they are watched for. */
export function VideoTabs({ active }: { active: 'overview' | 'report' | 'review' | 'cameras' | 'live' | 'playback' }) {
  const { t } = useTranslation('video');
  const tabs = [
    { key: 'review', to: paths.review() },
    { key: 'live', to: paths.live() },
    { key: 'playback', to: paths.playback() },
    { key: 'cameras', to: paths.cameras() },
    { key: 'overview', to: paths.videoOverview() },
    { key: 'report', to: paths.videoReport() },
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
