import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Authorities,
  activateAuthority,
  authoritiesQuery,
  type HangingUnits,
  hangingUnitsQuery,
  makeAuthority,
  retireAuthority,
} from '../../../api/enrolment.js';
import { FormProblem } from '../../parts/FormProblem.js';
import type { Step } from './Rotation.js';

interface RotationDialogProps {
  step: Step;
  data: Authorities;
  onClose: () => void;
}

/** One step, with what it does and, before retiring, who would lose the link. */
export function RotationDialog({ step, data, onClose }: RotationDialogProps) {
  const { t } = useTranslation(['enrolment', 'common']);
  const client = useQueryClient();
  const [isGivenUp, setGivenUp] = useState(false);
  const target = data.items.find(({ state }) => state === (step === 'retire' ? 'previous' : 'next'));
  const hanging = useQuery({
    ...hangingUnitsQuery(target?.id ?? ''),
    enabled: step === 'retire',
    refetchInterval: 5_000,
  });
  const left = step === 'retire' ? hanging.data : nobody;
  const take = useMutation({
    mutationFn: () => {
      if (step === 'make' || !target) return makeAuthority();
      if (step === 'activate') return activateAuthority(target.id);
      return retireAuthority(target.id, isGivenUp ? (left?.items.map(({ unitId }) => unitId) ?? []) : []);
    },
    onSuccess: (answer) => {
      client.setQueryData(authoritiesQuery.queryKey, answer);
      onClose();
    },
  });
  const isBlocked = !left || left.elsewhere > 0 || (left.items.length > 0 && !isGivenUp);
  return (
    <Modal
      open
      title={t(`ca.step.${step}`)}
      width={480}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t('common:cancel')}
        </Button>,
        <Button
          key="go"
          type="primary"
          danger={step === 'retire'}
          disabled={isBlocked}
          loading={take.isPending}
          onClick={() => take.mutate()}
        >
          {t(`ca.step.${step}`)}
        </Button>,
      ]}
    >
      <div className="stack">
        <p>{t(`ca.ask.${step}`, { name: target?.name ?? '' })}</p>
        {left && left.items.length + left.elsewhere > 0 ? (
          <Hanging left={left} isGivenUp={isGivenUp} onGiveUp={setGivenUp} />
        ) : null}
        <FormProblem error={take.error ?? hanging.error} />
      </div>
    </Modal>
  );
}

const nobody: HangingUnits = { items: [], elsewhere: 0 };

function Hanging(props: { left: HangingUnits; isGivenUp: boolean; onGiveUp: (given: boolean) => void }) {
  const { t } = useTranslation('enrolment');
  const { left, isGivenUp, onGiveUp } = props;
  return (
    <div className="stack">
      {left.items.length > 0 ? (
        <>
          <p className="soft">{t('ca.blocked', { count: left.items.length })}</p>
          <ul className="rotation-hanging">
            {left.items.map((unit) => (
              <li key={unit.unitId}>
                {unit.name} <span className="faint">{unit.hallName}</span>
              </li>
            ))}
          </ul>
          <Checkbox checked={isGivenUp} onChange={(event) => onGiveUp(event.target.checked)}>
            {t('ca.giveUp')}
          </Checkbox>
        </>
      ) : null}
      {left.elsewhere > 0 ? <p className="soft">{t('ca.elsewhere', { count: left.elsewhere })}</p> : null}
    </div>
  );
}
