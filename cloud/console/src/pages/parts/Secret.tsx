import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';
import './parts.css';

/** Something shown this once: selectable as a whole, copied by a button. */
export function Secret({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <div className="secret">
      <code role="status" aria-label={label}>
        {value}
      </code>
      <Button
        type="text"
        icon={<Icon name="copy" />}
        aria-label={t('copy')}
        onClick={() => void navigator.clipboard.writeText(value).then(() => message.success(t('copied')))}
      />
    </div>
  );
}
