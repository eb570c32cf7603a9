import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

const rows = [
  { key: 'units', path: paths.units(), right: 'unit.read' },
  { key: 'proof', path: paths.proof(), right: 'proof.read' },
  { key: 'bundles', path: paths.bundles(), right: 'bundle.write' },
] as const;

/** The units, the proof of what they wrote, and what came from them by a stick. */
export function UnitTabs({ active }: { active: (typeof rows)[number]['key'] }) {
  const { t } = useTranslation('proof');
  const may = useRights();
  return (
    <LinkTabs
      label={t('tabs.label')}
      tabs={rows
        .filter((row) => may(row.right))
        .map((row) => ({
          key: row.key,
          active: row.key === active,
          link: <AppLink to={row.path}>{t(`tabs.${row.key}`)}</AppLink>,
        }))}
    />
  );
}
