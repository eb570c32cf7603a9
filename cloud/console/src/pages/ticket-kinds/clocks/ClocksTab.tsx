import { type Moment, momentSchema, type TicketClock } from '@hallhub/shared/ticket';
import { AutoComplete, Button, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { Empty } from '../../../ui/states.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { FeelInput } from '../parts/FeelInput.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { MasterList } from '../parts/MasterList.js';
import { MinutesInput } from '../parts/MinutesInput.js';
import { PartyRuleInput } from '../parts/PartyRules.js';
import { useOptions } from '../parts/use-options.js';

const purposes = ['response', 'arrival', 'handling', 'feedback', 'step'] as const;

/** Promises of time. */
export function ClocksTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { clocks } = kind;
  const index = Math.max(
    0,
    clocks.findIndex(({ id }) => id === item),
  );
  const clock = clocks[index];
  const write = (next: TicketClock[], where?: string) => change((was) => ({ ...was, clocks: next }), where);
  const add = () => {
    const id = freeName(
      clocks.map((one) => one.id),
      'clock_',
    );
    const fresh: TicketClock = {
      ...{ id, label: { zh: t('new.clock') }, purpose: 'handling', requesters: false, from: { at: 'made' } },
      ...{
        until: [{ at: 'ended' }],
        targets: [{ minutes: 1_440, calendar: 'always' }],
        pausedIn: [],
        warnAtShare: 0.8,
      },
      ...{ escalations: [], onReopen: 'anew' },
    };
    write([...clocks, fresh]);
    open('clocks', id);
  };
  return (
    <div className="stack">
      <Faults place="clocks" exact />
      <div className="tk-split">
        <MasterList
          label={t('tabs.clocks')}
          place="clocks"
          items={clocks.map((one) => ({ id: one.id, text: label(one.label), note: t(`purpose.${one.purpose}`) }))}
          selected={clock?.id}
          onSelect={(id) => open('clocks', id)}
          onAdd={add}
          addText={t('new.clock')}
          onMove={(place, by) => write(moved(clocks, place, by))}
          onRemove={(place) => write(without(clocks, place))}
        />
        {clock ? (
          <ClockEditor
            key={clock.id}
            clock={clock}
            set={(next, where) => write(replaced(clocks, index, next), where)}
          />
        ) : (
          <Empty title={t('clock.none')} hint={t('clock.noneHint')} />
        )}
      </div>
    </div>
  );
}

interface ClockProps {
  clock: TicketClock;
  set: (next: TicketClock, where?: string) => void;
}

function ClockEditor({ clock, set }: ClockProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const place = `clocks.${clock.id}`;
  const given = { disabled: !mayWrite };
  return (
    <div className="tk-editor card">
      <div className="tk-form">
        <LabelInput
          label={t('clock.label')}
          value={clock.label}
          place={`${place}.label`}
          onChange={(label) => set({ ...clock, label }, `${place}.label`)}
        />
        <Labelled label={t('clock.purpose')} hint={clock.purpose === 'handling' ? t('clock.extends') : undefined}>
          {(id) => (
            <Select
              {...given}
              id={id}
              value={clock.purpose}
              options={purposes.map((one) => ({ value: one, label: t(`purpose.${one}`) }))}
              onChange={(purpose: TicketClock['purpose']) => set({ ...clock, purpose })}
            />
          )}
        </Labelled>
        <Labelled label={t('clock.requesters')} hint={t('clock.requestersHint')}>
          {(id) => (
            <Switch
              {...given}
              id={id}
              checked={clock.requesters}
              onChange={(requesters) => set({ ...clock, requesters, ...(requesters ? { pausedIn: [] } : {}) })}
            />
          )}
        </Labelled>
        <Labelled label={t('clock.from')} group wide>
          {() => (
            <MomentInput moment={clock.from} label={t('clock.from')} onChange={(from) => set({ ...clock, from })} />
          )}
        </Labelled>
        <Labelled label={t('clock.until')} group wide place={place} exact>
          {() => (
            <div className="tk-rules">
              {clock.until.map((moment, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: moments have no names
                <div key={i} className="tk-line">
                  <MomentInput
                    moment={moment}
                    label={t('clock.until')}
                    onChange={(next) => set({ ...clock, until: replaced(clock.until, i, next) })}
                  />
                  {mayWrite ? (
                    <Button
                      size="small"
                      type="text"
                      disabled={clock.until.length < 2}
                      aria-label={t('part.remove')}
                      icon={<Icon name="close" size={14} />}
                      onClick={() => set({ ...clock, until: without(clock.until, i) })}
                    />
                  ) : null}
                </div>
              ))}
              {mayWrite ? (
                <Button
                  size="small"
                  type="dashed"
                  onClick={() => set({ ...clock, until: [...clock.until, { at: 'ended' }] })}
                >
                  {t('clock.addUntil')}
                </Button>
              ) : null}
            </div>
          )}
        </Labelled>
        <Targets clock={clock} set={set} />
        {clock.requesters ? null : (
          <Labelled label={t('clock.pausedIn')} place={`${place}.pausedIn`}>
            {(id) => (
              <Select
                {...given}
                id={id}
                mode="multiple"
                value={clock.pausedIn}
                placeholder={t('clock.neverPaused')}
                options={options.states}
                onChange={(pausedIn: string[]) => set({ ...clock, pausedIn })}
              />
            )}
          </Labelled>
        )}
        <Labelled label={t('clock.warnAt')}>
          {(id) => (
            <InputNumber
              {...given}
              id={id}
              min={5}
              max={100}
              suffix="%"
              value={Math.round(clock.warnAtShare * 100)}
              onChange={(share) => set({ ...clock, warnAtShare: (share ?? 80) / 100 })}
            />
          )}
        </Labelled>
        {clock.requesters ? null : (
          <Labelled label={t('clock.onReopen')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                value={clock.onReopen}
                options={(['anew', 'goOn'] as const).map((one) => ({
                  value: one,
                  label: t(`clock.onReopenOf.${one}`),
                }))}
                onChange={(onReopen: TicketClock['onReopen']) => set({ ...clock, onReopen })}
              />
            )}
          </Labelled>
        )}
        <Escalations clock={clock} set={set} />
      </div>
    </div>
  );
}

function Targets({ clock, set }: ClockProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const { targets } = clock;
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
                <Button
                  size="small"
                  type="text"
                  disabled={targets.length < 2}
                  aria-label={t('part.remove')}
                  icon={<Icon name="close" size={14} />}
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

function Escalations({ clock, set }: ClockProps) {
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
                <Button
                  size="small"
                  type="text"
                  aria-label={t('part.remove')}
                  icon={<Icon name="close" size={14} />}
                  onClick={() => set({ ...clock, escalations: without(escalations, i) })}
                />
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

const moments = ['made', 'entered', 'signed', 'left', 'marked', 'ended'] as const;

function MomentInput({
  moment,
  label,
  onChange,
}: {
  moment: Moment;
  label: string;
  onChange: (moment: Moment) => void;
}) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const step = options.works[0]?.value ?? '';
  const of = (at: Moment['at']): Moment =>
    momentSchema.parse(
      at === 'made' || at === 'ended'
        ? { at }
        : at === 'marked'
          ? { at, mark: 'solved' }
          : { at, step: 'step' in moment ? moment.step : step },
    );
  return (
    <span className="tk-rule">
      <Select
        disabled={!mayWrite}
        className="tk-rule-kind"
        value={moment.at}
        aria-label={label}
        options={moments.map((one) => ({ value: one, label: t(`moment.${one}`) }))}
        onChange={(at: Moment['at']) => onChange(of(at))}
      />
      {'step' in moment ? (
        <Select
          disabled={!mayWrite}
          className="tk-rule-detail"
          value={moment.step}
          aria-label={t('party.step')}
          options={options.steps}
          onChange={(next: string) => onChange({ ...moment, step: next })}
        />
      ) : null}
      {moment.at === 'marked' ? (
        <AutoComplete
          disabled={!mayWrite}
          className="tk-rule-detail"
          value={moment.mark}
          aria-label={t('action.marks')}
          options={options.marks.map((one) => ({ value: one, label: t(`mark.${one}`, { defaultValue: one }) }))}
          onChange={(mark: string) => onChange({ ...moment, mark })}
        />
      ) : null}
    </span>
  );
}
