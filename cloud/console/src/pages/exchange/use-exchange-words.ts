import { useTranslation } from 'react-i18next';
import { knownCodes } from './channel-state.js';

type Known = (typeof knownCodes)[number];
const isKnown = (code: string): code is Known => (knownCodes as readonly string[]).includes(code);

/** Why something went wrong, and what to do; a code newer than this console stands as it is. */
export function useExchangeWords() {
  const { t, i18n } = useTranslation('exchange');
  return {
    act: (act: string) => (i18n.exists(`act.${act}`, { ns: 'exchange' }) ? t(`act.${act as 'dispatch'}`) : act),
    why: (code: string | null) => (code === null ? '' : isKnown(code) ? t(`why.${code}`) : code),
    advice: (code: string | null) => (code !== null && isKnown(code) ? t(`advice.${code}`) : ''),
    fault: (message: string) => {
      const [, what, name] = /(kind|field|step|action|office|level) (\S+)$/.exec(message) ?? [];
      return what && name ? t(`fault.${what as 'kind'}`, { name }) : message;
    },
  };
}
