import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { revokeCertificates } from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { useLabel } from '../../../i18n/use-language.js';
import { FormProblem } from '../../parts/FormProblem.js';

const reasons = ['lost', 'compromised', 'other'] as const;

/** Cuts a unit off at once. */
export function RevokeDialog({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useTranslation(['enrolment', 'common']);
  const label = useLabel();
  const client = useQueryClient();
  const [reason, setReason] = useState<(typeof reasons)[number]>('lost');
  const revoke = useMutation({
    mutationFn: () => revokeCertificates(unit.id, reason),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['units'] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('revoke.open')}
      width={460}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t('common:cancel')}
        </Button>,
        <Button key="go" danger type="primary" loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('revoke.go')}
        </Button>,
      ]}
    >
      <div className="stack">
        <p>{t('revoke.ask', { name: label(unit.name) })}</p>
        <div>
          <div className="faint small" id="revoke-reason">
            {t('revoke.reason')}
          </div>
          <Radio.Group
            aria-labelledby="revoke-reason"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            options={reasons.map((value) => ({ value, label: t(`why.${value}`) }))}
          />
        </div>
        <FormProblem error={revoke.error} />
      </div>
    </Modal>
  );
}
