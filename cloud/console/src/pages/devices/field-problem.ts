import type { ValueError } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';

/** Why a value does not fit its field, in the reader's words. */
export function useFieldProblem(): (error: ValueError) => string {
  const { t } = useTranslation('commands');
  return (error) => {
    const expected = error.code === 'range' ? error.expected.replace('..', ' – ') : error.expected;
    return t(`field.${error.code}`, { expected });
  };
}
