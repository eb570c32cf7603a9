import { readFile, stat } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import { describeHolder, openedBy, type PortHolder } from './port-holder.js';

/** Why a port cannot be opened, in words that say what to do. `path` is the configured one, `devicePath` where it leads. */
export const portRefused = async (path: string, devicePath: string, cause: Error): Promise<HubError> => {
  const text = cause.message;
  if (/ENOENT|no such file|ENXIO|no such device/i.test(text)) {
    return refusal(
      path,
      cause,
      'ENOENT',
      'nothing is plugged in there: check the cable, or list the ports with hub scan serial',
    );
  }
  if (/EACCES|EPERM|permission denied/i.test(text)) return refusal(path, cause, 'EACCES', await whichGroup(devicePath));
  if (/EBUSY|lock|busy|temporarily unavailable/i.test(text)) return portHeld(path, await openedBy(devicePath), cause);
  if (/invalid (?:parity|stop bits|data bits)|baud rate/i.test(text)) {
    return refusal(path, cause, 'EINVAL', 'this machine cannot set the line so: check parity, stop bits and baud rate');
  }
  return refusal(path, cause, undefined, undefined);
};

export const portHeld = (path: string, holder: PortHolder | undefined, cause?: Error): HubError =>
  refusal(
    path,
    cause,
    'EBUSY',
    holder ? `it is held by ${describeHolder(holder)}: end that first` : 'another program holds it: close that program',
    holder,
  );

const refusal = (
  path: string,
  cause: Error | undefined,
  errno: string | undefined,
  hint: string | undefined,
  holder?: PortHolder,
): HubError =>
  new HubError('link_refused', `cannot open ${path}: ${errno ?? cause?.message ?? 'unknown'}`, {
    cause,
    context: { link: path, errno, ...(holder ? { holder } : {}) },
    ...(hint ? { hint } : {}),
  });

/** The group that owns the port, which the agent's user should be in: dialout, uucp or tty, as the system has it. */
const whichGroup = async (devicePath: string): Promise<string> => {
  const gid = await stat(devicePath).then(
    (found) => found.gid,
    () => undefined,
  );
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const name = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find((parts) => parts[2] === String(gid))?.[0];
  const group = gid === 0 ? 'dialout' : (name ?? (gid === undefined ? 'dialout' : `number ${gid}`));
  return `the agent may not open it: add its user to the group ${group} (usermod -aG ${group} USER) and start it again`;
};
