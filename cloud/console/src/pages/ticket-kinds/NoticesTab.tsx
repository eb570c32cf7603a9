import { noticeNames, type TicketNotice } from '@hallhub/shared/ticket';
import { Checkbox, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { Empty } from '../../ui/states.js';
import { moved, replaced, useDesigner, without } from './draft/designer.js';
import { freeName } from './draft/rename.js';
import { LabelInput } from './parts/LabelInput.js';
import { Labelled } from './parts/Labelled.js';
import { MasterList } from './parts/MasterList.js';
import { Receivers } from './parts/Receivers.js';
import { useOptions } from './parts/use-options.js';

const events = [
  'made',
  'entered',
  'action',
  'warning',
  'breach',
  'returned',
  'reminded',
  'extended',
  'reopened',
  'ended',
] as const;
const channels = ['in_app', 'sms', 'email', 'webhook'] as const;

/** Who is told what, when. */
export function NoticesTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { notices } = kind;
  const index = Math.max(
    0,
    notices.findIndex(({ id }) => id === item),
  );
  const notice = notices[index];
  const write = (next: TicketNotice[], where?: string) => change((was) => ({ ...was, notices: next }), where);
  const add = () => {
    const id = freeName(
      notices.map((one) => one.id),
      'notice_',
    );
    write([
      ...notices,
      { id, on: { on: 'made' }, to: [{ kind: 'holders' }], channels: ['in_app'], text: { zh: '{number} {title}' } },
    ]);
    open('notices', id);
  };
  return (
    <div className="tk-split">
      <MasterList
        label={t('tabs.notices')}
        place="notices"
        items={notices.map((one) => ({ id: one.id, text: label(one.text), note: t(`notice.onOf.${one.on.on}`) }))}
        selected={notice?.id}
        onSelect={(id) => open('notices', id)}
        onAdd={add}
        addText={t('new.notice')}
        onMove={(place, by) => write(moved(notices, place, by))}
        onRemove={(place) => write(without(notices, place))}
      />
      {notice ? (
        <NoticeEditor
          key={notice.id}
          notice={notice}
          set={(next, where) => write(replaced(notices, index, next), where)}
        />
      ) : (
        <Empty title={t('notice.none')} hint={t('notice.noneHint')} />
      )}
    </div>
  );
}

interface NoticeProps {
  notice: TicketNotice;
  set: (next: TicketNotice, where?: string) => void;
}

function NoticeEditor({ notice, set }: NoticeProps) {
  const { t } = useTranslation('ticketKinds');
  const { kind, mayWrite } = useDesigner();
  const options = useOptions();
  const place = `notices.${notice.id}`;
  const { on, to } = notice;
  const given = { disabled: !mayWrite };
  const about = (name: (typeof events)[number]): TicketNotice['on'] => {
    if (name === 'entered') return { on: name, step: kind.start };
    if (name === 'action') return { on: name, action: options.actions[0]?.value ?? '' };
    if (name === 'warning' || name === 'breach') return { on: name, clock: kind.clocks[0]?.id ?? '' };
    return { on: name };
  };
  return (
    <div className="tk-editor card">
      <div className="tk-form">
        <Labelled label={t('notice.on')} group wide place={place} exact>
          {() => (
            <span className="tk-rule">
              <Select
                {...given}
                className="tk-rule-kind"
                value={on.on}
                aria-label={t('notice.on')}
                options={events.map((one) => ({ value: one, label: t(`notice.onOf.${one}`) }))}
                onChange={(name: (typeof events)[number]) => set({ ...notice, on: about(name) })}
              />
              {on.on === 'entered' ? (
                <Select
                  {...given}
                  className="tk-rule-detail"
                  value={on.step}
                  aria-label={t('party.step')}
                  options={options.steps}
                  onChange={(step: string) => set({ ...notice, on: { ...on, step } })}
                />
              ) : null}
              {on.on === 'action' ? (
                <Select
                  {...given}
                  className="tk-rule-detail"
                  value={on.action}
                  aria-label={t('action.title')}
                  options={options.actions}
                  onChange={(action: string) => set({ ...notice, on: { ...on, action } })}
                />
              ) : null}
              {on.on === 'warning' || on.on === 'breach' ? (
                <Select
                  {...given}
                  className="tk-rule-detail"
                  value={on.clock}
                  aria-label={t('tabs.clocks')}
                  options={options.clocks}
                  onChange={(clock: string) => set({ ...notice, on: { ...on, clock } })}
                />
              ) : null}
            </span>
          )}
        </Labelled>
        <Receivers
          to={to}
          label={t('notice.to')}
          sorts={['holders', 'requester', 'rule']}
          onChange={(next) => set({ ...notice, to: next })}
        />
        <Labelled label={t('notice.channels')} group wide>
          {() => (
            <Checkbox.Group
              {...given}
              value={notice.channels}
              options={channels.map((one) => ({ value: one, label: t(`notice.channelOf.${one}`) }))}
              onChange={(chosen) => set({ ...notice, channels: channels.filter((one) => chosen.includes(one)) })}
            />
          )}
        </Labelled>
        <Labelled label={t('notice.urgent')} hint={t('notice.urgentHint')}>
          {(id) => (
            <Switch
              {...given}
              id={id}
              checked={notice.urgent ?? false}
              onChange={(on) => {
                const { urgent: _, ...bare } = notice;
                set(on ? { ...bare, urgent: true } : bare);
              }}
            />
          )}
        </Labelled>
        <LabelInput
          lines
          label={t('notice.text')}
          value={notice.text}
          place={`${place}.text`}
          hint={t('notice.textHint', { names: noticeNames.map((one) => `{${one}}`).join(' ') })}
          onChange={(text) => set({ ...notice, text }, `${place}.text`)}
        />
      </div>
    </div>
  );
}
