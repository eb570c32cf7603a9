import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { categoryTreeQuery, categoryTreesQuery } from '../../api/category-trees.js';
import { type Office, type OfficeCategory, officesQuery, setCategories } from '../../api/offices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';

/** Categories that the office looks after: all below them too. */
export function CategoryList({ office, mayWrite }: { office: Office; mayWrite: boolean }) {
  const { t } = useTranslation('offices');
  const label = useLabel();
  const client = useQueryClient();
  const trees = useQuery(categoryTreesQuery);
  const read = useQueries({ queries: (trees.data ?? []).map(({ tree }) => categoryTreeQuery(tree)) });
  const write = useMutation({
    mutationFn: (categories: OfficeCategory[]) => setCategories(office, categories),
    onSettled: () => void client.invalidateQueries({ queryKey: officesQuery.queryKey }),
  });
  const key = ({ tree, code }: OfficeCategory) => `${tree}/${code}`;
  const options = read.flatMap(({ data }) =>
    (data?.items ?? [])
      .filter(({ retired, code }) => !retired || office.categories.some((one) => one.code === code))
      .map((item) => {
        const path: string[] = [];
        for (
          let at: typeof item | undefined = item;
          at && path.length < 6;
          at = data?.items.find(({ code }) => code === at?.parent)
        ) {
          path.unshift(label(at.label));
        }
        return { value: `${data?.tree}/${item.code}`, label: path.join(' / ') };
      }),
  );
  return (
    <section aria-label={t('categories')}>
      <h3 className="soft">{t('categories')}</h3>
      <Select
        mode="multiple"
        className="office-wide"
        disabled={!mayWrite || write.isPending}
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={t('noCategories')}
        aria-label={t('categories')}
        value={office.categories.map(key)}
        options={options}
        onChange={(keys: string[]) =>
          write.mutate(
            keys.map((one) => {
              const [tree = '', code = ''] = one.split('/');
              return { tree, code };
            }),
          )
        }
      />
      <FormProblem error={write.error} />
    </section>
  );
}
