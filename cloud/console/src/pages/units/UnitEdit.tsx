import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeUnit, type Unit } from '../../api/units.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';

interface Fields {
  name: string;
  hallId: string;
}

/** Name and hall of a unit. */
export function UnitEdit({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useTranslation(['units', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (fields: Fields) => changeUnit(unit, fields),
    onSuccess: () => {
      void message.success(t('common:saved'));
      void client.invalidateQueries({ queryKey: ['units'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('edit.open')}
      width={420}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ name: label(unit.name), hallId: unit.hallId }}
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item
          name="name"
          label={t('columns.name')}
          rules={[{ required: true, whitespace: true, message: t('new.nameNeeded') }]}
        >
          <Input autoFocus maxLength={100} />
        </Form.Item>
        <Form.Item name="hallId" label={t('columns.hall')} rules={[{ required: true, message: t('new.hallNeeded') }]}>
          <HallSelect />
        </Form.Item>
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
