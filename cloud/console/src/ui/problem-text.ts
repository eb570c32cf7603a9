import { isHubError } from '@hallhub/shared/errors';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../api/api-error.js';

export interface ProblemText {
  what: string;
  next: string;
  requestId: string | undefined;
}

const reasons = [
  'built_in',
  'has_children',
  'has_units',
  'in_use',
  'last_owner',
  'not_changed',
  'self',
  'too_many',
] as const;
const reasonOf = (error: unknown) => reasons.find((one) => isApiError(error) && error.reason === one);

/** The API's details are English: only who reads English reads them, others are told by the kind of refusal. */
const whyRefused = (error: { message: string }, code: RefusedCode, { t, isEnglish }: Reader): string => {
  if (isEnglish) return error.message;
  const reason = reasonOf(error);
  return reason ? t(`problem.reason.${reason}`) : t(`problem.why.${code}`);
};

type RefusedCode = 'conflict' | 'invalid_input' | 'gone' | 'too_large' | 'unsupported' | 'device_refused';

interface Reader {
  t: TFunction;
  isEnglish: boolean;
}

/** An error in the reader's words. */
export function useProblemText(error: unknown): ProblemText {
  const { t, i18n } = useTranslation();
  const requestId = isApiError(error) ? error.requestId : undefined;
  const isEnglish = i18n.language.startsWith('en');
  if (!isHubError(error)) {
    return {
      what: t('problem.bug.what'),
      next: isEnglish && error instanceof Error ? error.message : t('problem.bug.next'),
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
      return { what: t('problem.refused.what'), next: whyRefused(error, error.code, { t, isEnglish }), requestId };
    default:
      return { what: t('problem.bug.what'), next: t('problem.bug.next'), requestId };
  }
}
