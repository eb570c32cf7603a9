import { isHubError } from '@hallhub/shared/errors';
import { useTranslation } from 'react-i18next';
import { useProblemText } from '../../../ui/problem-text.js';
import type { UploadJob } from './upload-queue.js';

/** What the cloud's refusals mean to whoever holds the stick. */
const words = {
  invalid_input: 'damaged',
  forbidden: 'foreign',
  not_found: 'noUnit',
  too_large: 'tooLarge',
  timeout: 'slow',
  rate_limited: 'busy',
} as const;

/** Why a file did not get in, and what to do; undefined where nothing is wrong. */
export function useUploadProblem({ error, problem }: Pick<UploadJob, 'error' | 'problem'>) {
  const { t } = useTranslation('bundles');
  const said = useProblemText(error);
  const word =
    problem ?? (isHubError(error) && error.code in words ? words[error.code as keyof typeof words] : undefined);
  if (word) {
    return {
      what: t(`problem.${word}.what`),
      next: t(`problem.${word}.next`),
      detail: word === 'damaged' && isHubError(error) ? error.message : undefined,
      requestId: said.requestId,
    };
  }
  return error ? { ...said, detail: undefined } : undefined;
}
