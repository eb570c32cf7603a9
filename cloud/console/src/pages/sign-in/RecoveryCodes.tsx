import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';

/** Shown this once, to be printed or written down. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useTranslation(['signIn', 'common']);
  const { message } = App.useApp();
  const copy = () =>
    void navigator.clipboard.writeText(codes.join('\n')).then(() => message.success(t('common:copied')));
  return (
    <div className="stack" role="status">
      <p>{t('recovery.lead')}</p>
      <ol className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="row row-wrap">
        <Button type="primary" onClick={onKept}>
          {t('recovery.kept')}
        </Button>
        <Button onClick={copy}>{t('recovery.copy')}</Button>
        <Button onClick={() => window.print()}>{t('recovery.print')}</Button>
      </div>
    </div>
  );
}
