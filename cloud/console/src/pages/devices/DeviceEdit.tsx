import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeDevice, type Device } from '../../api/devices.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';

interface Fields {
  name: string;
  counterId?: string | null;
}

/** Name and place of a device. The unit keeps them, so saving is a command to it. */
export function DeviceEdit({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const places = usePlaces();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (fields: Fields) =>
      changeDevice(device, { name: fields.name.trim(), counterId: fields.counterId ?? null }),
    onSuccess: () => {
      void message.success(t('edit.sent'));
      void client.invalidateQueries({ queryKey: ['devices'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('edit.title')}
      onCancel={onClose}
      width={420}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t('common:cancel')}
        </Button>,
        <Button key="save" type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t('common:save')}
        </Button>,
      ]}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ name: label(device.name), counterId: device.counterId }}
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item
          name="name"
          label={t('edit.name')}
          rules={[{ required: true, whitespace: true, message: t('edit.nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="counterId" label={t('edit.counter')}>
          <Select
            allowClear
            placeholder={t('edit.noCounter')}
            options={places
              .filter((place) => place.kind === 'counter' && place.parentId === device.hallId && !place.archivedAt)
              .map((place) => ({ value: place.id, label: label(place.name) }))}
          />
        </Form.Item>
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
