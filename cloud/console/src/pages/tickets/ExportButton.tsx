import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Query } from '../../api/request.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';

/** All that the filter finds, as a sheet. It is saved by the browser while it is made. */
export function ExportButton({ filter, path = '/tickets/export' }: { filter: Query; path?: string }) {
  const { t } = useTranslation('tickets');
  const language = useLanguage();
  const hrefOf = (format: string): string => {
    const query = new URLSearchParams({ format, language });
    for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
    return `/api/v1${path}?${query}`;
  };
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: (['xlsx', 'csv'] as const).map((key) => ({
          key,
          label: (
            <a href={hrefOf(key)} download>
              {t(`export.${key}`)}
            </a>
          ),
        })),
      }}
    >
      <Button icon={<Icon name="export" size={16} />}>{t('export.label')}</Button>
    </Dropdown>
  );
}
