import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { AppLink } from '../../../app/AppLink.js';
import { chooseLanguage } from '../../../i18n/i18n.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { Icon } from '../../../ui/icons.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { handOver } from './hand-over.js';
import { Outbox } from './Outbox.js';
import { useOutbox } from './use-outbox.js';
import './field.css';

const watchLine = (listener: () => void) => {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
};
export const useHasLine = () => useSyncExternalStore(watchLine, () => navigator.onLine);

/** Frame of the pages for a telephone: back, title, line; and what waits to be sent. */
export function FieldFrame({ title, isList, children }: { title: string; isList?: boolean; children: ReactNode }) {
  const { t } = useTranslation(['tickets', 'shell']);
  const language = useLanguage();
  const hasLine = useHasLine();
  const outbox = useOutbox();
  useEffect(() => {
    window.document.title = `${title} · HallHub`;
  }, [title]);
  useEffect(() => {
    // Browsers offer it over HTTPS and on this machine only; without it the pages need a line to be opened.
    void navigator.serviceWorker
      ?.register('/field-worker.js', { scope: '/m/' })
      .then(() => handOver())
      .catch(() => {});
  }, []);
  return (
    <div className="field-app">
      <header className="field-bar">
        {isList ? null : (
          <AppLink to={paths.fieldTickets()} className="field-back" aria-label={t('field.back')}>
            <Icon name="chevron" size={22} />
          </AppLink>
        )}
        <h1 className="field-title clip">{title}</h1>
        {hasLine ? null : <StatusMark tone="warn" shape="triangle" word={t('field.noLine')} />}
        {isList ? (
          <button
            type="button"
            className="field-icon"
            aria-label={`${t('shell:language.other')} · ${t('shell:language.switch')}`}
            onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}
          >
            {t('shell:language.other')}
          </button>
        ) : null}
      </header>
      <Outbox {...outbox} hasLine={hasLine} />
      <main className="field-main">{children}</main>
    </div>
  );
}
