import { useQuery } from '@tanstack/react-query';
import { Cascader } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { categoryTreeQuery } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { type CategoryOption, categoryOptions, firstFound, isFound, knownPath } from './category-options.js';

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
  const [isOpen, setOpen] = useState(false);
  /** What was typed, as long as nobody has gone on by arrows. */
  const typed = useRef('');
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
        filter: isFound,
        onSearch: (text) => {
          typed.current = text.trim();
        },
      }}
      open={isOpen}
      onOpenChange={setOpen}
      onKeyDown={(event) => {
        if (event.key.startsWith('Arrow')) typed.current = '';
        const found = event.key === 'Enter' && typed.current ? firstFound(options, typed.current) : undefined;
        if (!found || event.nativeEvent.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        typed.current = '';
        setOpen(false);
        onChange(found);
      }}
      onChange={(path) => onChange(path && path.length > 0 ? path : null)}
    />
  );
}
