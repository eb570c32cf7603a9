import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';

const rows = [
  { key: 'people', path: paths.people(), right: 'user.read' },
  { key: 'roles', path: paths.roles(), right: 'user.read' },
  { key: 'signIn', path: paths.signInRules(), right: 'signon.write' },
  { key: 'keys', path: paths.apiKeys(), right: 'apikey.write' },
  { key: 'certificates', path: paths.certificates(), right: 'pki.write' },
  { key: 'audit', path: paths.audit(), right: 'audit.read' },
  { key: 'backups', path: paths.backups(), right: 'backup.read' },
] as const;

/** The pages of administration that this person may open. */
export function AdminTabs({ active }: { active: (typeof rows)[number]['key'] }) {
  const { t } = useTranslation('admin');
  const may = useRights();
  return (
    <LinkTabs
      label={t('title')}
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
