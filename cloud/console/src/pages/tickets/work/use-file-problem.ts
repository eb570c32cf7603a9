import { isHubError } from '@hallhub/shared/errors';
import { useTranslation } from 'react-i18next';

/** As the server takes them. */
const mostFileBytes = 52_428_800;

/** Why a file was not taken, by its name and in the reader’s words. */
export function useFileProblem() {
  const { t } = useTranslation('fieldWork');
  const fileProblem = (name: string, error: unknown): string => {
    const code = isHubError(error) ? error.code : undefined;
    switch (code) {
      case 'too_large':
        return t('files.too_large', { name, most: 50 });
      case 'unsupported':
      case 'store_full':
      case 'forbidden':
        return t(`files.${code}`, { name });
      case 'invalid_input':
        return t('files.empty', { name });
      case 'unavailable':
      case 'timeout':
        return t('files.away', { name });
      case 'conflict':
        return t('files.too_many', { name, most: 200 });
      default:
        return t('files.other', { name });
    }
  };
  const noRoom = (room: number, count: number) => t('files.room', { room, count });
  return { mostFileBytes, fileProblem, noRoom };
}
