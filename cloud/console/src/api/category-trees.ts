import { queryOptions } from '@tanstack/react-query';
import { get } from './request.js';
import type { Label } from './types.js';

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
