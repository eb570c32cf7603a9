import type { CommandModel } from '@hallhub/shared/thing';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/devices.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { PropertyValue } from '../devices/PropertyValue.js';
import { isAway } from '../devices/writable.js';
import { Facts } from '../parts/Facts.js';
import { BatchTargets } from './BatchTargets.js';

interface BatchConfirmProps {
  devices: readonly DeviceSummary[];
  command: CommandModel;
  input: Record<string, unknown>;
  deadlineMs: number | undefined;
  pending: boolean;
  onSend: () => void;
  onBack: () => void;
}

/** The last look: what, with what, until when, and each device by its name. */
export function BatchConfirm(props: BatchConfirmProps) {
  const { devices, command, input, deadlineMs, pending } = props;
  const { t } = useTranslation('commands');
  const label = useLabel();
  const language = useLanguage();
  const away = devices.filter(isAway).length;
  const shown = command.input.filter((field) => input[field.id] !== undefined);
  return (
    <div className="stack" role="alertdialog" aria-label={label(command.label)}>
      {command.dangerous && command.confirm ? <p className="batch-danger">{label(command.confirm)}</p> : null}
      <Facts
        facts={[
          { label: t('columns.name'), value: label(command.label) },
          ...shown.map((field) => ({
            label: label(field.label),
            value: <PropertyValue shape={field} value={input[field.id]} whole />,
          })),
          {
            label: t('batch.deadline'),
            value: deadlineMs === undefined ? t('batch.deadlineDefault') : formatDuration(deadlineMs, language),
          },
        ]}
      />
      <p>
        {t('batch.goesTo', { count: devices.length })}
        {away > 0 ? ` ${t('batch.away', { count: away })}` : ''}
      </p>
      <BatchTargets devices={devices} />
      <div className="row">
        <Button type="primary" danger={command.dangerous} autoFocus loading={pending} onClick={props.onSend}>
          {t('batch.send', { count: devices.length })}
        </Button>
        <Button disabled={pending} onClick={props.onBack}>
          {t('batch.back')}
        </Button>
      </div>
    </div>
  );
}
