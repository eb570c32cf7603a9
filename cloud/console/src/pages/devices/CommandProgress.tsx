import type { ThingModel } from '@hallhub/shared/thing';
import type { CommandState } from '@hallhub/shared/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Command, cancelCommand, commandQuery, isFinished } from '../../api/commands.js';
import { useLabel } from '../../i18n/use-language.js';
import { Skeleton } from '../../ui/Skeleton.js';
import { CommandMark } from '../parts/marks.js';
import { useCommandError } from './command-error.js';
import { PropertyValue } from './PropertyValue.js';
import { commandEntries } from './writable.js';

const line: CommandState[] = ['queued', 'sent', 'received', 'running'];

/** Where a command is on its way, live, and what came of it. */
export function CommandProgress({ commandId, thing }: { commandId: string; thing: ThingModel | null }) {
  const { t } = useTranslation('commands');
  const errorText = useCommandError();
  const client = useQueryClient();
  const { data: command } = useQuery(commandQuery(commandId));
  const cancel = useMutation({
    mutationFn: () => cancelCommand(commandId),
    onSuccess: (changed) => client.setQueryData(['commands', 'one', commandId], changed),
  });
  if (!command) return <Skeleton />;
  const reached = line.indexOf(command.state);
  const finished = isFinished(command);
  const at = finished ? line.length : reached;
  return (
    <div className="progress" role="status" aria-label={t('progressOf', { state: t(`state.${command.state}`) })}>
      <ol className="progress-steps" aria-hidden="true">
        {line.map((state, index) => (
          <li key={state} className={index < at ? 'is-done' : index === at ? 'is-now' : ''}>
            <span>{t(`state.${state}`)}</span>
          </li>
        ))}
        <li className={finished ? `is-end is-${command.state}` : ''}>
          <span>{finished ? t(`state.${command.state}`) : t('state.succeeded')}</span>
        </li>
      </ol>
      <div className="row row-wrap progress-now">
        <CommandMark state={command.state} provisional={command.provisional} />
        <span className="faint small grow">
          {command.error ? errorText(command.error) : t(`stateHelp.${command.state}`)}
        </span>
        {command.state === 'queued' || command.state === 'received' ? (
          <Button size="small" type="text" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('cancel')}
          </Button>
        ) : null}
      </div>
      <CommandOutput command={command} thing={thing} />
    </div>
  );
}

/** What the device gave back, named as its thing model names it. */
export function CommandOutput({ command, thing }: { command: Command; thing: ThingModel | null }) {
  const label = useLabel();
  const entries = commandEntries(thing, command, 'output');
  if (entries.length === 0) return null;
  return (
    <dl className="command-output">
      {entries.map(({ name, shape, value }) => (
        <div key={name}>
          <dt>{shape ? label(shape.label) : name}</dt>
          <dd>
            <PropertyValue shape={shape} value={value} whole />
          </dd>
        </div>
      ))}
    </dl>
  );
}
