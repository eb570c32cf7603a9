import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CategoryTree, categoryUsesQuery, saveCategoryTree } from '../../api/category-trees.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { Empty } from '../../ui/states.js';
import { toCsv } from '../../ui/table/column.js';
import { saveCsv } from '../../ui/table/save-csv.js';
import { FormProblem } from '../parts/FormProblem.js';
import { CategoryPanel } from './CategoryPanel.js';
import {
  type Category,
  freshCode,
  moveTo,
  retire,
  rowsOf,
  type Step,
  stepOf,
  toSend,
  withinOf,
} from './category-draft.js';
import { PasteTable } from './PasteTable.js';
import { TreeView } from './TreeView.js';
import { useTreeDraft } from './use-tree-draft.js';

interface TreeEditorProps {
  tree: CategoryTree;
  mayWrite: boolean;
  open: string | undefined;
  onOpen: (code: string | undefined) => void;
}

/** One tree: folded, searched, moved about, saved as a whole. */
export function TreeEditor({ tree, mayWrite, open, onOpen }: TreeEditorProps) {
  const { t } = useTranslation(['categories', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const draft = useTreeDraft(tree);
  const [version, setVersion] = useState(tree.version);
  const [query, setQuery] = useState('');
  const [retired, setRetired] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => foldedAtFirst(tree.items));
  const uses = useQuery(categoryUsesQuery(tree.tree));
  const used = new Map(uses.data?.map((one) => [one.code, one]));
  const rows = rowsOf(draft.items, { closed, query, retired });
  const save = useMutation({
    mutationFn: () => saveCategoryTree(tree.tree, version, { label: draft.label, items: toSend(draft.items) }),
    onSuccess: (after) => {
      setVersion(after.version);
      draft.settle(after);
      client.setQueryData(['category-trees', 'one', tree.tree], after);
      void client.invalidateQueries({ queryKey: ['category-trees', 'list'] });
      void message.success(t('common:saved'));
    },
  });
  const fold = (code: string, shut: boolean) => {
    const next = new Set(closed);
    if (shut) next.add(code);
    else next.delete(code);
    setClosed(next);
  };
  const change = (items: readonly Category[] | undefined) => {
    if (items) draft.change({ items });
    else void message.info(t('cannotMove'));
  };
  const step = (code: string, how: Step) => {
    change(stepOf(draft.items, code, how));
    if (how === 'in') setClosed(new Set());
  };
  const add = (parent: string | null) => {
    const code = freshCode(draft.items, parent);
    draft.change({ items: [...draft.items, { code, parent, label: { zh: '' }, retired: false }] });
    if (parent !== null) fold(parent, false);
    setQuery('');
    onOpen(code);
  };
  useKeys(
    mayWrite
      ? [
          { key: 'n', does: t('addTop'), run: () => add(null) },
          { key: 'mod+z', does: t('undo'), run: draft.undo },
        ]
      : [],
  );
  const unnamed = draft.items.find((one) => !one.retired && one.label.zh.trim() === '');
  const shown = draft.items.find(({ code }) => code === open);
  return (
    <div className="cat-columns">
      <div className="cat-main">
        <div className="row row-wrap cat-tools">
          <span data-filter className="filter-text">
            <Input
              allowClear
              value={query}
              prefix={<Icon name="search" size={16} />}
              placeholder={t('find')}
              aria-label={t('find')}
              onChange={({ target }) => setQuery(target.value)}
            />
          </span>
          <Button onClick={() => setClosed(closed.size > 0 ? new Set() : new Set(draft.items.map(({ code }) => code)))}>
            {t(closed.size > 0 ? 'unfold' : 'fold')}
          </Button>
          <Checkbox checked={retired} onChange={({ target }) => setRetired(target.checked)}>
            {t('showRetired')}
          </Checkbox>
          <span className="grow" />
          <Button onClick={() => saveCsv(label(draft.label), sheetOf(draft.items, t))}>{t('export')}</Button>
          {mayWrite ? (
            <>
              <Button onClick={() => setPasting(true)}>{t('paste.do')}</Button>
              <Button onClick={() => add(null)} icon={<Icon name="plus" size={14} />}>
                {t('addTop')}
              </Button>
            </>
          ) : null}
        </div>
        {draft.isChanged ? (
          <div className="cat-unsaved" role="status">
            <span className="grow">{unnamed ? t('unnamed') : t('unsaved')}</span>
            <Button size="small" icon={<Icon name="undo" size={14} />} disabled={!draft.mayUndo} onClick={draft.undo}>
              {t('undo')}
            </Button>
            <Button size="small" onClick={draft.discard}>
              {t('discard')}
            </Button>
            <Button
              size="small"
              type="primary"
              loading={save.isPending}
              onClick={() => (unnamed ? onOpen(unnamed.code) : save.mutate())}
            >
              {t('common:save')}
            </Button>
          </div>
        ) : null}
        <FormProblem error={save.error} />
        <TreeView
          label={label(draft.label)}
          rows={rows}
          used={used}
          open={open}
          mayWrite={mayWrite}
          isNew={draft.isNew}
          onOpen={onOpen}
          onFold={fold}
          onStep={step}
          onDrop={(code, to) => change(moveTo(draft.items, code, to))}
          empty={
            query === '' ? (
              <Empty icon="book" title={t('none')} hint={t('noneHint')} />
            ) : (
              <Empty icon="search" title={t('noneFound')} hint={t('noneFoundHint')} />
            )
          }
        />
      </div>
      {shown ? (
        <CategoryPanel
          key={draft.isNew(shown.code) ? 'new' : shown.code}
          category={shown}
          items={draft.items}
          used={used.get(shown.code)}
          mayWrite={mayWrite}
          isNew={draft.isNew(shown.code)}
          onChange={(next) => {
            const items = draft.items.map((one) =>
              one.code === shown.code ? next : one.parent === shown.code ? { ...one, parent: next.code } : one,
            );
            draft.change({ items });
            if (next.code !== shown.code) onOpen(next.code);
          }}
          onStep={(how) => step(shown.code, how)}
          onAdd={() => add(shown.code)}
          onRetire={(gone) => {
            if (gone && draft.isNew(shown.code)) {
              const within = withinOf(draft.items, shown.code);
              draft.change({ items: draft.items.filter(({ code }) => !within.has(code)) });
              onOpen(undefined);
            } else {
              draft.change({ items: retire(draft.items, shown.code, gone) });
              if (gone && !retired) onOpen(undefined);
            }
          }}
          onClose={() => onOpen(undefined)}
        />
      ) : null}
      {pasting ? (
        <PasteTable
          items={draft.items}
          onClose={() => setPasting(false)}
          onTake={(items) => {
            draft.change({ items });
            setPasting(false);
          }}
        />
      ) : null}
    </div>
  );
}

/** A large tree begins folded: its top is what people look for first. */
const foldedAtFirst = (items: readonly Category[]): ReadonlySet<string> =>
  items.length > 200 ? new Set(items.map(({ code }) => code)) : new Set();

const sheetOf = (items: readonly Category[], t: (key: 'code' | 'parent' | 'nameZh' | 'nameEn') => string): string =>
  toCsv(
    [
      { id: 'code', title: t('code'), cell: () => null, text: ({ code }) => code },
      { id: 'parent', title: t('parent'), cell: () => null, text: ({ parent }) => parent ?? '' },
      { id: 'zh', title: t('nameZh'), cell: () => null, text: ({ label }) => label.zh },
      { id: 'en', title: t('nameEn'), cell: () => null, text: ({ label }) => label.en ?? '' },
    ],
    toSend(items) as Category[],
  );
