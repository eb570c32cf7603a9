import { HubError } from '@hallhub/shared';

/** The row is there, but not in the version that the caller saw. */
export const versionConflict = (currentVersion: number): HubError =>
  new HubError('precondition_failed', 'It was changed by somebody else meanwhile', {
    context: { currentVersion },
    hint: 'Read it again, look at what changed, then send your change with the new ETag.',
  });
