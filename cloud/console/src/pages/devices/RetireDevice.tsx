import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Device, retireDevice } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useDeviceName } from './device-name.js';

/** Takes a device out of use, after saying what goes with it and what stays. */
export function RetireDevice({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const nameOf = useDeviceName();
  const { message } = App.useApp();
  const client = useQueryClient();
  const retire = useMutation({
    mutationFn: () => retireDevice(device.id),
    onSuccess: () => {
      void message.success(t('retire.sent'));
      void client.invalidateQueries({ queryKey: ['devices'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('retire.title', { name: nameOf(device) })}
      width={460}
      onCancel={onClose}
      okText={t('retire.open')}
      okButtonProps={{ danger: true, type: 'primary' }}
      cancelText={t('common:cancel')}
      confirmLoading={retire.isPending}
      onOk={() => retire.mutate()}
    >
      <p className="soft">
        {device.vendor} {device.model} · <code>{device.serial}</code> · {label(device.hallName)}
      </p>
      <ul className="consequences">
        <li>{t('retire.readings')}</li>
        <li>{t('retire.commands')}</li>
        {device.openAlarms > 0 ? <li>{t('retire.alarms', { count: device.openAlarms })}</li> : null}
        {device.protocol === 'mqtt' ? <li>{t('retire.credential')}</li> : null}
        <li>{t('retire.stays')}</li>
      </ul>
      <FormProblem error={retire.error} />
    </Modal>
  );
}
