import { Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../../app/session.js';
import { useLeave } from '../../../app/use-leave.js';
import { useOutbox } from './use-outbox.js';

/** Who is signed in on this telephone, and the way out; what is not sent yet is told before. */
export function FieldFoot() {
  const { t } = useTranslation(['fieldWork', 'common']);
  const { user } = useMe();
  const { acts } = useOutbox();
  const leave = useLeave();
  const button = (onClick?: () => void) => (
    <Button type="text" className="touch" {...(onClick ? { onClick } : {})}>
      {t('leave.out')}
    </Button>
  );
  return (
    <footer className="field-foot">
      <span className="grow clip">{user.displayName}</span>
      {acts.length === 0 ? (
        button(() => void leave())
      ) : (
        <Popconfirm
          title={t('leave.out')}
          description={t('leave.waiting', { count: acts.length })}
          okText={t('leave.out')}
          cancelText={t('common:cancel')}
          okButtonProps={{ size: 'large' }}
          cancelButtonProps={{ size: 'large' }}
          onConfirm={() => void leave()}
        >
          {button()}
        </Popconfirm>
      )}
    </footer>
  );
}
