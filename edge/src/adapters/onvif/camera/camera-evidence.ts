import type { HubError } from '@hallhub/shared';
import type { PresenceReason } from '@hallhub/shared/wire';

/** Nothing came back: it may be off, or somewhere else. */
export const isSilence = (error: HubError): boolean => ['link_refused', 'link_lost', 'timeout'].includes(error.code);

export const reasonOf = (error: HubError): PresenceReason => {
  switch (error.code) {
    case 'link_refused':
    case 'link_lost':
      return 'link_down';
    case 'unauthenticated':
    case 'forbidden':
    case 'device_refused':
    case 'unavailable':
      return 'refused';
    default:
      return 'poll_failed';
  }
};

export const explain = (error: HubError): string => (error.hint ? `${error.message}: ${error.hint}` : error.message);
