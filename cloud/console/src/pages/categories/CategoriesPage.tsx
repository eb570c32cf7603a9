import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { categoryTreeQuery, categoryTreesQuery } from '../../api/category-trees.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { NewTree } from './NewTree.js';
import { TreeEditor } from './TreeEditor.js';
import './categories.css';

const searchSchema = z.object({ tree: anyText, code: anyText });

/** What tickets are about: trees of categories that fields of their kinds point into. */
export default function CategoriesPage() {
  const { t } = useTranslation('categories');
  const label = useLabel();
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const trees = useQuery(categoryTreesQuery);
  const chosen = search.tree ?? trees.data?.[0]?.tree;
  const tree = useQuery({
    ...categoryTreeQuery(chosen ?? ''),
    enabled: chosen !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const mayWrite = may('ticketkind.write');
  const add = mayWrite ? <Button onClick={() => setAdding(true)}>{t('newTree')}</Button> : undefined;
  const error = trees.error ?? tree.error;
  return (
    <Page title={t('title')} lead={t('lead')} tabs={<SetUpTabs active="categories" />} actions={add} fill>
      <div className="cat-page">
        {trees.data && trees.data.length > 1 ? (
          <Select
            className="cat-choice"
            value={chosen ?? null}
            aria-label={t('whichTree')}
            options={trees.data.map((one) => ({ value: one.tree, label: `${label(one.label)} · ${one.categories}` }))}
            onChange={(next: string | null) => setSearch({ tree: next ?? undefined, code: undefined })}
          />
        ) : null}
        {error ? <ErrorState error={error} onRetry={() => void (trees.error ? trees : tree).refetch()} /> : null}
        {trees.data?.length === 0 ? (
          <Empty icon="book" title={t('noTree')} hint={t('noTreeHint')} action={add} />
        ) : null}
        {tree.data ? (
          <TreeEditor
            key={`${tree.data.tree}`}
            tree={tree.data}
            mayWrite={mayWrite}
            open={search.code}
            onOpen={(code) => setSearch({ code })}
          />
        ) : error || trees.data?.length === 0 ? null : (
          <SkeletonLines lines={10} />
        )}
      </div>
      {adding ? (
        <NewTree onClose={() => setAdding(false)} onDone={(made) => setSearch({ tree: made, code: undefined })} />
      ) : null}
    </Page>
  );
}
