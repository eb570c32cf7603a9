import { isHubError } from '@hallhub/shared/errors';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../api/api-error.js';

export interface ProblemText {
  what: string;
  next: string;
  requestId: string | undefined;
}

/** An error in the reader's words; the API's own detail stands where we have no better. */
export function useProblemText(error: unknown): ProblemText {
  const { t } = useTranslation();
  const requestId = isApiError(error) ? error.requestId : undefined;
  if (!isHubError(error)) {
    return {
      what: t('problem.bug.what'),
      next: error instanceof Error ? error.message : t('problem.bug.next'),
      requestId,
    };
  }
  switch (error.code) {
    case 'unavailable':
    case 'timeout':
    case 'not_found':
    case 'forbidden':
    case 'unauthenticated':
    case 'rate_limited':
    case 'precondition_failed':
      return {
        what: t(`problem.${error.code}.what`),
        next: t(`problem.${error.code}.next`),
        requestId,
      };
    case 'conflict':
    case 'invalid_input':
    case 'gone':
    case 'too_large':
    case 'unsupported':
    case 'device_refused':
      return { what: t('problem.refused.what'), next: error.message, requestId };
    default:
      return { what: t('problem.bug.what'), next: t('problem.bug.next'), requestId };
  }
}
