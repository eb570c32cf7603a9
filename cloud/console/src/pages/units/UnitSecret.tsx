import { useMutation } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { renewUnitSecret, type Unit } from '../../api/units.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { UnitCredential } from './UnitCredential.js';

/** A new secret; the old one ends at once, and so does the unit's link until it has the new one. */
export function UnitSecret({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useTranslation(['units', 'common']);
  const label = useLabel();
  const renew = useMutation({ mutationFn: () => renewUnitSecret(unit.id) });
  return (
    <Modal
      open
      title={t('secret.open')}
      width={460}
      onCancel={onClose}
      footer={
        renew.data ? (
          <Button type="primary" onClick={onClose}>
            {t('secret.kept')}
          </Button>
        ) : (
          [
            <Button key="cancel" onClick={onClose}>
              {t('common:cancel')}
            </Button>,
            <Button key="go" danger type="primary" loading={renew.isPending} onClick={() => renew.mutate()}>
              {t('secret.renew')}
            </Button>,
          ]
        )
      }
    >
      {renew.data ? (
        <UnitCredential unitId={unit.id} secret={renew.data.secret} />
      ) : (
        <p>{t('secret.ask', { name: label(unit.name) })}</p>
      )}
      <FormProblem error={renew.error} />
    </Modal>
  );
}
