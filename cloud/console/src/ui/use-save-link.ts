import { App } from 'antd';
import type { MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../api/api-error.js';
import { askExportWait } from '../api/export-wait.js';

const readSeconds = 8;

/**
 * What a press on a link to an export does. The browser saves the file while it is made, however large, but shows nobody why
 * it was refused: that is asked first, and told.
 */
export function useSaveLink(): (event: MouseEvent<HTMLElement>) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const whyNot = async (): Promise<string | undefined> => {
    try {
      const wait = await askExportWait();
      return wait === null ? undefined : t(`exportWait.${wait}`);
    } catch (error) {
      for (const code of ['unavailable', 'timeout', 'unauthenticated', 'rate_limited'] as const) {
        if (isApiError(error, code)) return `${t(`problem.${code}.what`)} ${t(`problem.${code}.next`)}`;
      }
      return undefined;
    }
  };
  return (event) => {
    const link = event.currentTarget.closest('a');
    if (!link) return;
    event.preventDefault();
    const { href } = link;
    void whyNot().then((why) => {
      if (why !== undefined) return void message.warning(why, readSeconds);
      save(href);
    });
  };
}

const save = (href: string): void => {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
};
