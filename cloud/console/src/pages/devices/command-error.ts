import { useTranslation } from 'react-i18next';
import type { Command } from '../../api/commands.js';

/** Why a command did not do it: the code's word, then what the device or unit said of it. */
export function useCommandError(): (error: NonNullable<Command['error']>) => string {
  const { t, i18n } = useTranslation('commands');
  return ({ code, message }) => {
    const word = i18n.exists(`error.${code}`, { ns: 'commands' }) ? t(`error.${code as 'timeout'}`) : code;
    return message && message !== code ? t('errorOf', { word, message }) : word;
  };
}
