import { Segmented } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Language } from '../../i18n/i18n.js';
import { ErrorState } from '../../ui/states.js';

interface PagePreviewProps {
  html: string | undefined;
  error: unknown;
  language: Language;
  onLanguage: (language: Language) => void;
}

/** The page as the server makes it, on a phone’s width. Nothing in it can be sent, and no link leads away. */
export function PagePreview({ html, error, language, onLanguage }: PagePreviewProps) {
  const { t } = useTranslation('ticketForms');
  const frame = useRef<HTMLIFrameElement>(null);
  const top = useRef(0);
  return (
    <aside className="form-preview" aria-label={t('preview')}>
      <div className="form-preview-bar">
        <span className="soft">{t('preview')}</span>
        <Segmented<Language>
          size="small"
          value={language}
          aria-label={t('previewLanguage')}
          options={[
            { value: 'zh', label: t('chinese') },
            { value: 'en', label: t('english') },
          ]}
          onChange={onLanguage}
        />
      </div>
      {html === undefined ? (
        <div className="form-preview-none">
          {error ? <ErrorState error={error} compact /> : <p className="soft">{t('previewNone')}</p>}
        </div>
      ) : (
        <iframe
          ref={frame}
          title={t('preview')}
          sandbox="allow-same-origin"
          srcDoc={html}
          onLoad={() => {
            const page = frame.current?.contentDocument;
            if (!page) return;
            page.addEventListener('click', (event) => {
              if ((event.target as Element).closest('a')) event.preventDefault();
            });
            page.defaultView?.scrollTo(0, top.current);
            page.addEventListener('scroll', () => {
              top.current = page.defaultView?.scrollY ?? 0;
            });
          }}
        />
      )}
    </aside>
  );
}
