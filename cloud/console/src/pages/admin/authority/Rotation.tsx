import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Authorities } from '../../../api/enrolment.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { RotationDialog } from './RotationDialog.js';

const steps = ['make', 'activate', 'retire'] as const;
export type Step = (typeof steps)[number];

/** The three steps in their order; only the next one can be taken. */
export function Rotation({ data }: { data: Authorities }) {
  const { t } = useTranslation('enrolment');
  const [open, setOpen] = useState<Step>();
  const at = steps.indexOf(data.next);
  return (
    <>
      <ol className="rotation">
        {steps.map((step, i) => (
          <li key={step} aria-current={i === at ? 'step' : undefined} className={i === at ? 'rotation-now' : undefined}>
            <div className="rotation-step">
              <span className="rotation-mark">
                {i < at ? <StatusMark tone="quiet" shape="check" word={t(`ca.step.${step}`)} /> : t(`ca.step.${step}`)}
              </span>
              <span className="soft small">{t(`ca.step.${step}Hint`)}</span>
            </div>
            {i === at ? (
              <Button danger={step === 'retire'} onClick={() => setOpen(step)}>
                {t(`ca.step.${step}`)}
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {open ? <RotationDialog step={open} data={data} onClose={() => setOpen(undefined)} /> : null}
    </>
  );
}
