import { HubError } from '@hallhub/shared';

/** SQLSTATE of a server that stops, starts, is out of room for connections, or lost this one. */
const awayState = /^(?:08...|57P0[1-5]|53[0-9]{3})$/;
const awayCode = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/;
/** What the driver says without any code. */
const awayText =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** `unavailable` where an error says that the database went away, whatever was being done; the error itself else. */
export const asDatabaseAway = (error: unknown): unknown => {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof HubError && at.code !== 'bug') return error;
    const { code, syscall } = at as NodeJS.ErrnoException;
    const isAway =
      awayState.test(String(code)) ||
      (awayCode.test(String(code)) && (syscall === 'connect' || syscall === 'read' || syscall === 'write')) ||
      awayText.test(at.message);
    if (isAway) {
      return new HubError('unavailable', `The database went away: ${at.message}`, {
        cause: error,
        hint: 'Look whether it runs and takes connections, then start again.',
      });
    }
  }
  return error;
};
