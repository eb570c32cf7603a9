import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CodeKind } from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Enrolment } from './Enrolment.js';

/** A code for a unit that is there. Replacing its hardware says first what that means. */
export function EnrolDialog({ unit, kind, onClose }: { unit: Unit; kind: CodeKind; onClose: () => void }) {
  const { t } = useTranslation(['enrolment', 'common']);
  const label = useLabel();
  // Kept: the unit turns into an enrolled one under this dialog.
  const [asked] = useState(kind);
  const [isGoing, setGoing] = useState(kind === 'new');
  return (
    <Modal
      open
      title={`${t(asked === 'replace' ? 'enrol.replace' : 'enrol.open')} · ${label(unit.name)}`}
      width={isGoing ? 560 : 460}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        isGoing ? (
          <Button type="primary" onClick={onClose}>
            {t('enrol.close')}
          </Button>
        ) : (
          [
            <Button key="cancel" onClick={onClose}>
              {t('common:cancel')}
            </Button>,
            <Button key="go" type="primary" onClick={() => setGoing(true)}>
              {t('enrol.replaceGo')}
            </Button>,
          ]
        )
      }
    >
      {isGoing ? <Enrolment unit={unit} kind={asked} /> : <p>{t('enrol.replaceAsk', { name: label(unit.name) })}</p>}
    </Modal>
  );
}
