import type { TicketKind } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Section } from '../../../ui/Page.js';
import { Empty } from '../../../ui/states.js';
import { moved, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { FlowDrawing } from '../flow/FlowDrawing.js';
import { Faults } from '../parts/Faults.js';
import { MasterList } from '../parts/MasterList.js';
import { StatesEditor } from './StatesEditor.js';
import { StepEditor } from './StepEditor.js';

type Step = TicketKind['steps'][number];

/** The way of a ticket: drawn above, the step that is chosen below it. */
export function FlowTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open, faults } = useDesigner();
  const { steps } = kind;
  const found = steps.findIndex(({ id }) => id === item);
  const index = Math.max(found, 0);
  const step = steps[index];
  const faulty = new Set(
    faults.flatMap(({ path, severity }) =>
      severity === 'error' && path.startsWith('steps.') ? [path.split('.')[1] ?? ''] : [],
    ),
  );
  const add = () => {
    const id = freeName(
      steps.map((one) => one.id),
      'step_',
    );
    const fresh: Step = {
      ...{
        id,
        label: { zh: t('new.step') },
        state: kind.states[0]?.id ?? '',
        mode: 'single',
        lead: false,
        sign: false,
      },
      ...{ who: [{ to: [{ kind: 'initiator' }] }], fields: { edit: [], required: [], hidden: [] }, actions: [] },
    };
    change((was) => {
      const end = was.steps.findIndex((one) => one.end !== undefined);
      const place = end < 0 ? was.steps.length : end;
      return { ...was, steps: [...was.steps.slice(0, place), fresh, ...was.steps.slice(place)] };
    });
    open('flow', id);
  };
  return (
    <div className="stack tk-pane">
      <FlowDrawing kind={kind} selected={step?.id} faulty={faulty} onSelect={(id) => open('flow', id)} />
      <Faults place="steps" exact />
      <Faults place="start" />
      <div className="tk-split">
        <MasterList
          label={t('flow.steps')}
          place="steps"
          items={steps.map((one) => ({
            id: one.id,
            text: label(one.label),
            note: one.end ? t(`step.endOf.${one.end}`) : t(`step.modeOf.${one.mode}`),
          }))}
          selected={step?.id}
          onSelect={(id) => open('flow', id)}
          onAdd={add}
          addText={t('new.step')}
          onMove={(place, by) => change((was) => ({ ...was, steps: moved(was.steps, place, by) }))}
          onRemove={(place) => change((was) => ({ ...was, steps: without(was.steps, place) }))}
        />
        {step ? <StepEditor key={index} step={step} index={index} /> : <Empty title={t('flow.none')} />}
      </div>
      <Section title={t('states.title')}>
        <StatesEditor />
      </Section>
    </div>
  );
}
