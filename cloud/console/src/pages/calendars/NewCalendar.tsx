import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Calendar, saveCalendar } from '../../api/calendars.js';
import { FormProblem } from '../parts/FormProblem.js';

interface NewCalendarProps {
  /** The one that is shown: the new one begins as it is. */
  from: Calendar | undefined;
  taken: readonly string[];
  onMade: (code: string) => void;
  onClose: () => void;
}

interface Fields {
  zh: string;
  en?: string;
  code: string;
}

export function NewCalendar({ from, taken, onMade, onClose }: NewCalendarProps) {
  const { t } = useTranslation(['workCalendars', 'common']);
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const make = useMutation({
    mutationFn: ({ zh, en, code }: Fields) => {
      const label = { zh: zh.trim(), ...(en?.trim() ? { en: en.trim() } : {}) };
      const day = [{ from: '09:00', to: '17:00' }];
      const bare = { zone: 'Asia/Shanghai', days: {}, week: { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] } };
      return saveCalendar(0, { ...(from?.document ?? bare), code, label });
    },
    onSuccess: ({ code }) => {
      void client.invalidateQueries({ queryKey: ['calendars'] });
      onMade(code);
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('new')}
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
          name="code"
          label={t('code')}
          extra={t('codeHint')}
          rules={[
            { required: true, pattern: /^[a-z][a-z0-9_]{0,47}$/, message: t('codeHint') },
            {
              validator: (_, code: string) =>
                taken.includes(code) ? Promise.reject(new Error(t('codeTaken'))) : Promise.resolve(),
            },
          ]}
        >
          <Input maxLength={48} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        {from ? <p className="faint small">{t('asShown')}</p> : null}
        <FormProblem error={make.error} form={form} />
      </Form>
    </Modal>
  );
}
