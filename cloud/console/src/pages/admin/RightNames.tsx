import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { rightsQuery } from '../../api/people.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';

/** Rights in words; their codes to who may not read the list of words. */
export function RightNames({ rights }: { rights: string[] }) {
  const { t } = useTranslation('admin');
  const label = useLabel();
  const may = useRights();
  const known = useQuery({ ...rightsQuery, enabled: may('user.read') });
  const wordOf = (right: string) => {
    const found = known.data?.find((one) => one.right === right);
    return found ? label(found.label) : right;
  };
  return (
    <section aria-label={t('keys.rights')}>
      <h3 className="soft">{t('keys.rights')}</h3>
      <ul className="right-list">
        {rights.map((right) => (
          <li key={right}>{wordOf(right)}</li>
        ))}
      </ul>
    </section>
  );
}
