import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Command, commandQuery, isFinished } from '../../api/commands.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { commandLooks } from '../looks.js';
import { useCommandError } from './command-error.js';

/** What became of a written setting, in one line: on its way, confirmed by the device, or not written and why. */
export function WriteState({ commandId }: { commandId: string }) {
  const { t } = useTranslation('commands');
  const errorText = useCommandError();
  const { data: command } = useQuery(commandQuery(commandId));
  if (!command) return null;
  return (
    <p className="write-state" role="status">
      <StatusMark {...commandLooks[command.state]} word={t(wordOf(command))} />
      {command.state === 'succeeded' ? null : (
        <span className="soft small">{command.error ? errorText(command.error) : t(`stateHelp.${command.state}`)}</span>
      )}
    </p>
  );
}

function wordOf(command: Command): 'write.sending' | 'write.waiting' | 'write.done' | 'write.refused' {
  if (command.state === 'succeeded') return 'write.done';
  if (isFinished(command)) return 'write.refused';
  return command.state === 'queued' ? 'write.waiting' : 'write.sending';
}
