import { App, Button, Dropdown, Switch } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';

interface RuleCardProps {
  name: string;
  /** What it does, in one line. */
  what: ReactNode;
  /** Its numbers, quieter. */
  numbers: readonly string[];
  enabled: boolean;
  busy: boolean;
  mayWrite: boolean;
  children?: ReactNode;
  onSwitch: (enabled: boolean) => void;
  onEdit: () => void;
  /** Done once it is confirmed; never rejects. */
  onRemove: () => Promise<unknown>;
}

/** A rule as a sentence, with its switch. */
export function RuleCard(props: RuleCardProps) {
  const { t } = useTranslation('autoTickets');
  const { modal } = App.useApp();
  const { name, enabled, mayWrite } = props;
  const askRemove = () =>
    void modal.confirm({
      title: t('removeTitle', { name }),
      content: t('removeAsk'),
      okText: t('remove'),
      okButtonProps: { danger: true },
      cancelText: t('form.cancel'),
      onOk: props.onRemove,
    });
  return (
    <li className={enabled ? 'auto-rule' : 'auto-rule is-off'}>
      <div className="auto-rule-switch">
        <Switch
          size="small"
          checked={enabled}
          disabled={!mayWrite || props.busy}
          aria-label={t('isOn', { name })}
          onChange={props.onSwitch}
        />
      </div>
      <div className="grow auto-rule-body">
        <div className="auto-rule-name">
          {name}
          {enabled ? null : <span className="faint small">{t('off')}</span>}
        </div>
        <div className="auto-rule-what">{props.what}</div>
        <div className="auto-rule-numbers faint small">
          {props.numbers.map((one) => (
            <span key={one}>{one}</span>
          ))}
        </div>
        {props.children}
      </div>
      {mayWrite ? (
        <div className="auto-rule-acts">
          <Button size="small" onClick={props.onEdit}>
            {t('edit')}
          </Button>
          <Dropdown
            trigger={['click']}
            menu={{ items: [{ key: 'remove', label: t('remove'), danger: true }], onClick: askRemove }}
          >
            <Button size="small" type="text" icon={<Icon name="more" />} aria-label={`${t('remove')} ${name}`} />
          </Dropdown>
        </div>
      ) : null}
    </li>
  );
}
