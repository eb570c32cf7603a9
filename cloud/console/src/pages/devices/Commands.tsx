import type { CommandModel } from '@hallhub/shared/thing';
import type { Device } from '../../api/devices.js';
import { CommandForm } from './CommandForm.js';

interface CommandsProps {
  device: Device;
  commands: readonly CommandModel[];
}

/** What a device can be told to do: what needs but a press stands together, forms follow. */
export function Commands({ device, commands }: CommandsProps) {
  const parts = [
    { name: 'commands commands-plain', list: commands.filter(({ input }) => input.length === 0) },
    { name: 'commands', list: commands.filter(({ input }) => input.length > 0) },
  ];
  return (
    <div className="commands-card">
      {parts
        .filter(({ list }) => list.length > 0)
        .map(({ name, list }) => (
          <div key={name} className={name}>
            {list.map((command) => (
              <CommandForm key={command.id} device={device} command={command} />
            ))}
          </div>
        ))}
    </div>
  );
}
