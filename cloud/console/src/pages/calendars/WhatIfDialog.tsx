import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ClocksWhatIf } from '../../api/what-if.js';
import { ErrorState } from '../../ui/states.js';
import { WhatIfTold } from './WhatIfTold.js';

interface WhatIfDialogProps {
  told: ClocksWhatIf | undefined;
  /** Why nothing could be told. */
  error: unknown;
  zone: string;
  saving: boolean;
  onSave: () => void;
  onClose: () => void;
}

/** What saving does to tickets that run, before it is done. */
export function WhatIfDialog({ told, error, zone, saving, onSave, onClose }: WhatIfDialogProps) {
  const { t } = useTranslation(['whatIf', 'common']);
  return (
    <Modal
      open
      width={760}
      title={t('title')}
      okText={t('save')}
      cancelText={t('common:cancel')}
      confirmLoading={saving}
      onOk={onSave}
      onCancel={onClose}
    >
      {told ? <WhatIfTold told={told} zone={zone} /> : null}
      {error ? (
        <>
          <p className="soft">{t('unknown')}</p>
          <ErrorState error={error} compact />
        </>
      ) : null}
    </Modal>
  );
}
