import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { saveCategoryTree } from '../../api/category-trees.js';
import { FormProblem } from '../parts/FormProblem.js';

interface Fields {
  zh: string;
  en?: string;
  tree: string;
}

/** An empty tree with its name. */
export function NewTree({ onClose, onDone }: { onClose: () => void; onDone: (tree: string) => void }) {
  const { t } = useTranslation(['categories', 'common']);
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const make = useMutation({
    mutationFn: ({ zh, en, tree }: Fields) =>
      saveCategoryTree(tree, 0, { label: { zh: zh.trim(), ...(en?.trim() ? { en: en.trim() } : {}) }, items: [] }),
    onSuccess: ({ tree }) => {
      void client.invalidateQueries({ queryKey: ['category-trees'] });
      onDone(tree);
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('newTree')}
      onCancel={onClose}
      okText={t('make')}
      cancelText={t('common:cancel')}
      confirmLoading={make.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields> form={form} layout="vertical" onFinish={(fields) => make.mutate(fields)}>
        <Form.Item
          name="zh"
          label={t('nameZh')}
          rules={[{ required: true, whitespace: true, message: t('nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="en" label={t('nameEn')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="tree"
          label={t('code')}
          extra={t('treeCodeHint')}
          rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,47}$/, message: t('codeHint') }]}
        >
          <Input maxLength={48} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        <FormProblem error={make.error} form={form} />
      </Form>
    </Modal>
  );
}
