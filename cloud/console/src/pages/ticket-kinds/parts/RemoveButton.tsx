import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';

/** Takes one out of a list. */
export function RemoveButton({ disabled = false, onClick }: { disabled?: boolean; onClick: () => void }) {
  const { t } = useTranslation('ticketKinds');
  return (
    <Button
      size="small"
      type="text"
      disabled={disabled}
      aria-label={t('part.remove')}
      icon={<Icon name="close" size={14} />}
      onClick={onClick}
    />
  );
}
