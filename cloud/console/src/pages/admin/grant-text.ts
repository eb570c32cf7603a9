import { useTranslation } from 'react-i18next';
import type { Grant } from '../../api/people.js';
import { useLabel } from '../../i18n/use-language.js';

/** `厅经理 · 人民路营业厅`: a role and where it holds. */
export function useGrantText(): (grant: Grant) => string {
  const { t } = useTranslation('admin');
  const label = useLabel();
  return (grant) =>
    `${label(grant.roleLabel)} · ${grant.scope.kind === 'tenant' ? t('everywhere') : (grant.scopeName ?? t(`scope.${grant.scope.kind}`))}`;
}
