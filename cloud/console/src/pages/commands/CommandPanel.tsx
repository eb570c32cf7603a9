import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Command, commandQuery } from '../../api/commands.js';
import { deviceQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { formatClock, formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { CommandProgress } from '../devices/CommandProgress.js';
import { PropertyValue } from '../devices/PropertyValue.js';
import { commandEntries } from '../devices/writable.js';
import { Facts } from '../parts/Facts.js';

interface CommandPanelProps {
  commandId: string;
  onBatch: (batchId: string) => void;
  onClose: () => void;
}

/** One command: where it is, every step with its time and source, and what an unknown end means. */
export function CommandPanel({ commandId, onBatch, onClose }: CommandPanelProps) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const query = useQuery(commandQuery(commandId));
  const command = query.data;
  // Its thing model has the words for what was given and what came back.
  const device = useQuery({
    ...deviceQuery(command?.target.deviceId ?? ''),
    enabled: Boolean(command?.target.deviceId),
  });
  if (!command) {
    return (
      <SidePanel title={t('title')} onClose={onClose}>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : (
          <SkeletonLines lines={5} />
        )}
      </SidePanel>
    );
  }
  const { target, batchId } = command;
  const thing = device.data?.thing ?? null;
  const given = commandEntries(thing, command, 'input');
  return (
    <SidePanel title={label(command.label) || command.name} onClose={onClose}>
      <div className="stack">
        <CommandProgress commandId={command.id} thing={thing} />
        {command.state === 'unknown' ? (
          <p className="command-unknown">{t(command.provisional ? 'unknown.provisional' : 'unknown.final')}</p>
        ) : null}
        <Facts
          facts={[
            {
              label: t('columns.target'),
              value: target.deviceId ? (
                <AppLink to={paths.device(target.deviceId)}>{target.deviceName}</AppLink>
              ) : (
                <AppLink to={paths.unit(target.unitId)}>{target.unitName}</AppLink>
              ),
            },
            ...given.map(({ name, shape, value }) => ({
              label: shape ? label(shape.label) : name,
              value: <PropertyValue shape={shape} value={value} whole />,
            })),
            { label: t('columns.by'), value: command.issuedBy?.name ?? '—' },
            { label: t('deadline'), value: <RelativeTime time={command.deadlineAt} /> },
            command.cancelAskedAt !== null && {
              label: t('cancelAsked'),
              value: <RelativeTime time={command.cancelAskedAt} />,
            },
            batchId !== null && {
              label: t('batch.one'),
              value: (
                <Button type="link" size="small" onClick={() => onBatch(batchId)}>
                  {t('batch.show')}
                </Button>
              ),
            },
          ]}
        />
        <Steps command={command} />
      </div>
    </SidePanel>
  );
}

function Steps({ command }: { command: Command }) {
  const { t } = useTranslation('commands');
  const language = useLanguage();
  const start = Date.parse(command.issuedAt);
  return (
    <ol className="command-steps" aria-label={t('steps')}>
      {command.steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added
        <li key={index} className={step.applied ? undefined : 'is-late'}>
          <span>{t(`state.${step.state}`)}</span>
          <span className="faint small">{t(`source.${step.source}`)}</span>
          <time className="faint small" dateTime={step.at} title={step.at}>
            {formatClock(step.at, Date.now())}
            {index > 0 ? ` · +${formatDuration(Math.max(0, Date.parse(step.at) - start), language)}` : ''}
          </time>
          {step.applied ? null : <span className="faint small">{t('late')}</span>}
        </li>
      ))}
    </ol>
  );
}
