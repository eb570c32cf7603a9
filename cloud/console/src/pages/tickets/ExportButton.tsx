import { useTranslation } from 'react-i18next';
import type { Query } from '../../api/request.js';
import { useLanguage } from '../../i18n/use-language.js';
import { FileMenu } from '../../ui/FileMenu.js';

/** All that the filter finds, as a sheet. */
export function ExportButton({ filter, path = '/tickets/export' }: { filter: Query; path?: string }) {
  const { t } = useTranslation('tickets');
  const language = useLanguage();
  const hrefOf = (format: string): string => {
    const query = new URLSearchParams({ format, language });
    for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
    return `/api/v1${path}?${query}`;
  };
  return (
    <FileMenu
      label={t('export.label')}
      files={(['xlsx', 'csv'] as const).map((key) => ({ key, label: t(`export.${key}`), href: hrefOf(key) }))}
    />
  );
}
