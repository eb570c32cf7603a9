import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { get, put } from './request.js';

export interface CategoryTree {
  tree: string;
  label: Label;
  items: { code: string; parent: string | null; label: Label; retired: boolean }[];
  version: number;
}
export const categoryTreesQuery = queryOptions({
  queryKey: ['category-trees', 'list'],
  queryFn: ({ signal }) =>
    get<{ items: { tree: string; label: Label; categories: number }[] }>('/category-trees', { signal }).then(
      ({ items }) => items,
    ),
});
export const categoryTreeQuery = (tree: string) =>
  queryOptions({
    queryKey: ['category-trees', 'one', tree],
    queryFn: ({ signal }) => get<CategoryTree>(`/category-trees/${tree}`, { signal }),
  });

export interface CategoryUse {
  code: string;
  tickets: number;
  offices: number;
}
export const categoryUsesQuery = (tree: string) =>
  queryOptions({
    queryKey: ['category-trees', 'uses', tree],
    queryFn: ({ signal }) =>
      get<{ items: CategoryUse[] }>(`/category-trees/${tree}/uses`, { signal }).then(({ items }) => items),
  });
/** Version 0 makes a new one; what is left out is retired. */
export const saveCategoryTree = (
  tree: string,
  version: number,
  body: { label: Label; items: { code: string; parent: string | null; label: Label }[] },
) => put<CategoryTree>(`/category-trees/${tree}`, body, { ifMatch: etagOf({ version }), timeoutMs: 60_000 });
