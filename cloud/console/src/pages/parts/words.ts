import { useTranslation } from 'react-i18next';

/** Turns a code of the API into the reader's word; a code newer than this console is shown as it is. */
export function useCodeWord(): (
  group: 'reason' | 'protocol' | 'action' | 'target' | 'lane' | 'check',
  code: string | null | undefined,
) => string {
  const { t, i18n } = useTranslation('common');
  return (group, code) => {
    if (!code) return '';
    // i18next reads dots and colons as paths; codes such as `device.approve` are stored with underscores.
    const key = `${group}.${code.replace(/[.:-]/g, '_')}`;
    return i18n.exists(key, { ns: 'common' }) ? t(key as 'reason.goodbye') : code;
  };
}
