import { useQuery } from '@tanstack/react-query';
import { Cascader } from 'antd';
import { useTranslation } from 'react-i18next';
import { categoryTreeQuery } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { type CategoryOption, categoryOptions, knownPath } from './category-options.js';

interface CategoryFieldProps {
  id: string;
  disabled: boolean;
  status: 'error' | '';
  tree: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A path in a tree of categories, found by typing any part of it. */
export function CategoryField({ tree, value, onChange, ...given }: CategoryFieldProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const query = useQuery(categoryTreeQuery(tree));
  const options = categoryOptions(
    (query.data?.items ?? []).filter(({ retired }) => !retired),
    label,
  );
  return (
    <Cascader<CategoryOption>
      {...given}
      className="field-number"
      changeOnSelect
      expandTrigger="hover"
      loading={query.isPending}
      options={options}
      value={knownPath(value)}
      placeholder={query.error ? t('category.failed') : t('category.choose')}
      showSearch={{
        limit: 30,
        filter: (text, path) => path.some((one) => one.label.toLowerCase().includes(text.toLowerCase())),
      }}
      onChange={(path) => onChange(path && path.length > 0 ? path : null)}
    />
  );
}
