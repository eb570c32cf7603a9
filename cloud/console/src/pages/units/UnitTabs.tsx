import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

/** The units, and the proof of what they wrote. */
export function UnitTabs({ active }: { active: 'units' | 'proof' }) {
  const { t } = useTranslation('proof');
  const may = useRights();
  const tab = (key: 'units' | 'proof', to: string) => ({
    key,
    active: active === key,
    link: <AppLink to={to}>{t(`tabs.${key}`)}</AppLink>,
  });
  return (
    <LinkTabs
      label={t('tabs.label')}
      tabs={[tab('units', paths.units()), ...(may('proof.read') ? [tab('proof', paths.proof())] : [])]}
    />
  );
}
