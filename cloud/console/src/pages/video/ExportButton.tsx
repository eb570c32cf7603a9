import { useTranslation } from 'react-i18next';
import type { Query } from '../../api/request.js';
import { useRights } from '../../app/session.js';
import { useLanguage } from '../../i18n/use-language.js';
import { FileMenu } from '../../ui/FileMenu.js';

/** What the filter shows, as a sheet with its pictures. It is saved by the browser while it is made. */
export function ExportButton({ filter }: { filter: Query }) {
  const { t } = useTranslation('video');
  const language = useLanguage();
  const may = useRights();
  if (!may('evidence.read')) return null;
  const hrefOf = (files: string): string => {
    const query = new URLSearchParams({ files, language });
    for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
    return `/api/v1/review/export?${query}`;
  };
  const kinds = ['pictures', 'all', 'none'] as const;
  return (
    <FileMenu
      label={t('export.label')}
      files={kinds.map((key) => ({ key, label: t(`export.${key}`), href: hrefOf(key) }))}
    />
  );
}
