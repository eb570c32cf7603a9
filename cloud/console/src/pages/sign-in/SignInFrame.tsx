import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../../i18n/i18n.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Brand } from '../../ui/icons.js';
import './sign-in.css';

interface SignInFrameProps {
  title: string;
  lead: string;
  children: ReactNode;
}

/** The page before the console: one column, nothing else to look at. */
export function SignInFrame({ title, lead, children }: SignInFrameProps) {
  const { t } = useTranslation('shell');
  const language = useLanguage();
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="sign-in-brand">
          <Brand size={36} />
          <span>{t('product')}</span>
        </div>
        <h1 className="sign-in-title">{title}</h1>
        <p className="sign-in-lead">{lead}</p>
        {children}
      </div>
      <Button
        type="text"
        className="sign-in-language"
        aria-label={t('language.switch')}
        onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        {t('language.other')}
      </Button>
    </main>
  );
}
