import type { Label } from '@hallhub/shared';
import { useMutation } from '@tanstack/react-query';
import { Form, Input, Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormProblem } from './FormProblem.js';

interface Fields {
  zh: string;
  en?: string;
  code: string;
}

interface NewNamedProps<T> {
  title: string;
  okText: string;
  words: { nameZh: string; nameEn: string; nameNeeded: string; code: string; codeHint: string; codeWrong: string };
  /** Codes that are in use, and what to say of one. */
  taken?: { codes: readonly string[]; word: string };
  make: (code: string, label: Label) => Promise<T>;
  onMade: (made: T) => void;
  onClose: () => void;
  /** Below the fields. */
  children?: ReactNode;
}

/** Something new that people know by a name in two languages, and documents by a code. */
export function NewNamed<T>({ title, okText, words, taken, make, onMade, onClose, children }: NewNamedProps<T>) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const run = useMutation({
    mutationFn: ({ zh, en, code }: Fields) => make(code, { zh: zh.trim(), ...(en?.trim() ? { en: en.trim() } : {}) }),
    onSuccess: (made) => {
      onMade(made);
      onClose();
    },
  });
  const isFree = (_: unknown, code: string) =>
    taken?.codes.includes(code) ? Promise.reject(new Error(taken.word)) : Promise.resolve();
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      okText={okText}
      cancelText={t('cancel')}
      confirmLoading={run.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields> form={form} layout="vertical" onFinish={(fields) => run.mutate(fields)}>
        <Form.Item
          name="zh"
          label={words.nameZh}
          rules={[{ required: true, whitespace: true, message: words.nameNeeded }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="en" label={words.nameEn}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="code"
          label={words.code}
          extra={words.codeHint}
          rules={[
            { required: true, pattern: /^[a-z][a-z0-9_]{0,47}$/, message: words.codeWrong },
            { validator: isFree },
          ]}
        >
          <Input maxLength={48} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        {children}
        <FormProblem error={run.error} form={form} />
      </Form>
    </Modal>
  );
}
