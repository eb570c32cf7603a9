import type { TicketClock } from '@hallhub/shared/ticket';
import { InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Empty } from '../../../ui/states.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { MasterList } from '../parts/MasterList.js';
import { useOptions } from '../parts/use-options.js';
import { KindWhatIf } from '../versions/KindWhatIf.js';
import { ClockEscalations, ClockTargets } from './ClockLists.js';
import type { ClockProps } from './clock-props.js';
import { MomentInput } from './MomentInput.js';
import { Moments } from './Moments.js';

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
        resumes: [],
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
      <div className="tk-pane">
        <KindWhatIf />
      </div>
    </div>
  );
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
            <Moments
              all={clock.until}
              least={1}
              label={t('clock.until')}
              add={t('clock.addUntil')}
              fresh={{ at: 'ended' }}
              onChange={(until) => set({ ...clock, until })}
            />
          )}
        </Labelled>
        <Labelled label={t('clock.resumes')} hint={t('clock.resumesHint')} group wide>
          {() => (
            <Moments
              all={clock.resumes}
              least={0}
              label={t('clock.resumes')}
              add={t('clock.addResumes')}
              fresh={{ at: 'entered', step: '' }}
              onChange={(resumes) => set({ ...clock, resumes })}
            />
          )}
        </Labelled>
        <ClockTargets clock={clock} set={set} />
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
        <ClockEscalations clock={clock} set={set} />
      </div>
    </div>
  );
}
