import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { saveCategoryTree } from '../../api/category-trees.js';
import { NewNamed } from '../parts/NewNamed.js';

/** An empty tree with its name. */
export function NewTree({ onClose, onDone }: { onClose: () => void; onDone: (tree: string) => void }) {
  const { t } = useTranslation('categories');
  const client = useQueryClient();
  return (
    <NewNamed
      title={t('newTree')}
      okText={t('make')}
      words={{
        ...{ nameZh: t('nameZh'), nameEn: t('nameEn'), nameNeeded: t('nameNeeded') },
        ...{ code: t('code'), codeHint: t('treeCodeHint'), codeWrong: t('codeHint') },
      }}
      make={(tree, label) => saveCategoryTree(tree, 0, { label, items: [] })}
      onMade={({ tree }) => {
        void client.invalidateQueries({ queryKey: ['category-trees'] });
        onDone(tree);
      }}
      onClose={onClose}
    />
  );
}
