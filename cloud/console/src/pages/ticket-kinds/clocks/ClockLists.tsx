import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { FeelInput } from '../parts/FeelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { MinutesInput } from '../parts/MinutesInput.js';
import { PartyRuleInput } from '../parts/PartyRules.js';
import { RemoveButton } from '../parts/RemoveButton.js';
import { useOptions } from '../parts/use-options.js';
import type { ClockProps } from './clock-props.js';

/** What is promised: the first whose condition holds. */
export function ClockTargets({ clock, set }: ClockProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const { targets } = clock;
  const dueFields = options.fieldsOf('date', 'instant');
  const place = `clocks.${clock.id}.targets`;
  return (
    <Labelled label={t('clock.targets')} hint={t('clock.targetsHint')} place={place} group wide>
      {() => (
        <div className="tk-rules">
          {targets.map((target, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: targets are gone through in order and have no names
            <div key={i} className="tk-line tk-target">
              <MinutesInput
                value={target.minutes}
                label={t('clock.minutes')}
                onChange={(minutes) =>
                  set(
                    { ...clock, targets: replaced(targets, i, { ...target, minutes: Math.max(1, minutes) }) },
                    `${place}.${i}.minutes`,
                  )
                }
              />
              <Select
                disabled={!mayWrite}
                className="tk-target-calendar"
                value={target.calendar}
                aria-label={t('clock.calendar')}
                options={options.calendars}
                onChange={(calendar: string) =>
                  set({ ...clock, targets: replaced(targets, i, { ...target, calendar }) })
                }
              />
              {dueFields.length > 0 ? (
                <Select
                  disabled={!mayWrite}
                  allowClear
                  className="tk-target-calendar"
                  value={target.field ?? null}
                  placeholder={t('clock.noField')}
                  aria-label={t('clock.field')}
                  title={t('clock.fieldHint')}
                  options={dueFields}
                  onChange={(field: string | undefined) => {
                    const { field: _, ...bare } = target;
                    set({ ...clock, targets: replaced(targets, i, field ? { ...bare, field } : bare) });
                  }}
                />
              ) : null}
              <FeelInput
                value={target.when}
                label={t('step.when')}
                none={t('step.otherwise')}
                onChange={(when) => {
                  const { when: _, ...bare } = target;
                  set(
                    { ...clock, targets: replaced(targets, i, when === undefined ? bare : { ...bare, when }) },
                    `${place}.${i}.when`,
                  );
                }}
              />
              {mayWrite ? (
                <RemoveButton
                  disabled={targets.length < 2}
                  onClick={() => set({ ...clock, targets: without(targets, i) })}
                />
              ) : null}
            </div>
          ))}
          {mayWrite ? (
            <Button
              size="small"
              type="dashed"
              onClick={() => set({ ...clock, targets: [...targets, { minutes: 1_440, calendar: 'always' }] })}
            >
              {t('clock.addTarget')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}

/** Who is told before and after it is due. */
export function ClockEscalations({ clock, set }: ClockProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const { escalations } = clock;
  return (
    <Labelled
      label={t('clock.escalations')}
      hint={t('clock.escalationsHint')}
      place={`clocks.${clock.id}.escalations`}
      group
      wide
    >
      {() => (
        <div className="tk-rules">
          {escalations.map((escalation, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: escalations have no names
            <div key={i} className="tk-line tk-target">
              <MinutesInput
                signed
                value={escalation.afterMinutes}
                label={t('clock.after')}
                onChange={(afterMinutes) =>
                  set({ ...clock, escalations: replaced(escalations, i, { ...escalation, afterMinutes }) })
                }
              />
              <PartyRuleInput
                fixed
                rule={escalation.to}
                label={t('clock.escalateTo')}
                onChange={(to) => set({ ...clock, escalations: replaced(escalations, i, { ...escalation, to }) })}
              />
              {mayWrite ? (
                <RemoveButton onClick={() => set({ ...clock, escalations: without(escalations, i) })} />
              ) : null}
            </div>
          ))}
          {mayWrite ? (
            <Button
              size="small"
              type="dashed"
              onClick={() =>
                set({ ...clock, escalations: [...escalations, { afterMinutes: 0, to: { kind: 'leader', up: 0 } }] })
              }
            >
              {t('clock.addEscalation')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}
