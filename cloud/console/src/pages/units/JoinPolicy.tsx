import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Modal, Radio, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { setJoinPolicy, type Unit } from '../../api/units.js';
import { FormProblem } from '../parts/FormProblem.js';

interface Fields {
  policy: 'closed' | 'approve' | 'window';
  hours: number;
}

const hourChoices = [1, 4, 24, 72];
const policies = ['window', 'approve', 'closed'] as const;

/** Who may join the hall: nobody, whom a person approves, or known models for a while. */
export function JoinPolicy({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useTranslation(['units', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const chosen = Form.useWatch('policy', form);
  const now = unit.joinPolicy?.policy;
  const save = useMutation({
    mutationFn: ({ policy, hours }: Fields) =>
      setJoinPolicy(
        unit,
        policy === 'window'
          ? { policy, until: new Date(Date.now() + (hours ?? 1) * 3_600_000).toISOString() }
          : { policy },
      ),
    onSuccess: () => {
      void message.success(t('join.sent'));
      void client.invalidateQueries({ queryKey: ['units'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('join.open')}
      width={460}
      onCancel={onClose}
      okText={t('join.save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ policy: now ?? 'approve', hours: 1 }}
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item name="policy">
          <Radio.Group className="join-choices">
            {policies.map((policy) => (
              <Radio key={policy} value={policy}>
                <div>{t(`join.${policy}`)}</div>
                <div className="faint small">{t(`join.${policy}Help`)}</div>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        {chosen === 'window' ? (
          <Form.Item name="hours" label={t('join.for')}>
            <Segmented
              options={hourChoices.map((hours) => ({ value: hours, label: t('join.hours', { count: hours }) }))}
            />
          </Form.Item>
        ) : null}
        <FormProblem error={save.error} />
      </Form>
    </Modal>
  );
}
