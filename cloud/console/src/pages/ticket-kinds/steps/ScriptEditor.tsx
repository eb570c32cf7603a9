import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { RemoveButton } from '../parts/RemoveButton.js';
import type { StepProps } from './StepEditor.js';

const mostLines = 20;

/** What is said and asked at a step, line by line. */
export function ScriptEditor({ step, set }: StepProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const lines = step.script ?? [];
  const place = `steps.${step.id}.script`;
  if (lines.length === 0 && !mayWrite) return null;
  const write = (next: typeof lines, where: string) => {
    const { script: _, ...rest } = step;
    set(next.length === 0 ? rest : { ...rest, script: next }, where);
  };
  return (
    <Labelled label={t('step.script')} hint={t('step.scriptHint')} place={place} group wide>
      {() => (
        <div className="tk-rules">
          {lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its place while it is typed
            <div key={i} className="tk-line">
              <LabelInput
                label={`${t('step.scriptLine')} ${i + 1}`}
                value={line}
                place={`${place}.${i}`}
                onChange={(next) => write(replaced(lines, i, next), `${place}.${i}`)}
                lines
              />
              <RemoveButton disabled={!mayWrite} onClick={() => write(without(lines, i), place)} />
            </div>
          ))}
          {mayWrite && lines.length < mostLines ? (
            <Button
              size="small"
              type="dashed"
              onClick={() => write([...lines, { zh: t('step.scriptLine') }], `${place}.add`)}
            >
              {t('step.addLine')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}
