import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approveDevice, type Device, refuseDevice } from '../../api/devices.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { isNamed } from './device-name.js';
import './decision.css';

interface ApproveFields {
  name?: string;
  counterId?: string;
  profileId?: string;
}

/** Approve with name, place and profile, or refuse with a reason. Both are commands to the unit. */
export function Decision({ device, onDone }: { device: Device; onDone: () => void }) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const places = usePlaces();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [refusing, setRefusing] = useState(false);
  const [form] = Form.useForm<ApproveFields>();
  const sent = () => {
    void message.success(t('pending.sent'));
    void client.invalidateQueries({ queryKey: ['devices'] });
    onDone();
  };
  const approve = useMutation({
    mutationFn: ({ name, counterId, profileId }: ApproveFields) =>
      approveDevice(device.id, {
        ...(name?.trim() ? { name: name.trim() } : {}),
        ...(counterId ? { counterId } : {}),
        ...(profileId?.trim() ? { profileId: profileId.trim() } : {}),
      }),
    onSuccess: sent,
  });
  const refuse = useMutation({
    mutationFn: ({ reason }: { reason?: string }) =>
      refuseDevice(device.id, reason?.trim() ? { reason: reason.trim() } : {}),
    onSuccess: sent,
  });
  if (refusing) {
    return (
      <Form<{ reason?: string }> layout="vertical" className="decision" onFinish={(fields) => refuse.mutate(fields)}>
        <Form.Item name="reason" label={t('pending.reason')} extra={t('pending.reasonHint')}>
          <Input.TextArea autoFocus maxLength={200} autoSize={{ minRows: 2, maxRows: 5 }} />
        </Form.Item>
        <FormProblem error={refuse.error} />
        <div className="row">
          <Button danger type="primary" htmlType="submit" loading={refuse.isPending}>
            {t('pending.refuseOne')}
          </Button>
          <Button onClick={() => setRefusing(false)}>{t('common:cancel')}</Button>
        </div>
      </Form>
    );
  }
  const counters = places.filter(
    (place) => place.kind === 'counter' && place.parentId === device.hallId && !place.archivedAt,
  );
  return (
    <Form<ApproveFields>
      form={form}
      layout="vertical"
      className="decision"
      initialValues={{ name: isNamed(device) ? label(device.name) : label(device.classLabel) }}
      onFinish={(fields) => approve.mutate(fields)}
    >
      <Form.Item
        name="name"
        label={t('pending.name')}
        extra={t('pending.nameHint')}
        rules={[{ required: true, whitespace: true, message: t('edit.nameNeeded') }]}
      >
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="counterId" label={t('pending.counter')}>
        <Select
          allowClear
          placeholder={t('edit.noCounter')}
          options={counters.map((place) => ({ value: place.id, label: label(place.name) }))}
        />
      </Form.Item>
      {device.profile ? null : (
        <Form.Item name="profileId" label={t('pending.profile')} extra={t('pending.profileHint')}>
          <Input maxLength={100} spellCheck={false} />
        </Form.Item>
      )}
      <FormProblem error={approve.error} form={form} />
      <div className="row">
        <Button type="primary" htmlType="submit" loading={approve.isPending}>
          {t('pending.approveOne')}
        </Button>
        <Button danger type="text" onClick={() => setRefusing(true)}>
          {t('pending.refuse')}
        </Button>
      </div>
    </Form>
  );
}
