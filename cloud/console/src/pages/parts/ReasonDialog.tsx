import { Input, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface ReasonDialogProps {
  open: boolean;
  title: string;
  /** What comes of it. */
  hint: string;
  /** What the button says. */
  act: string;
  /** What is asked for. */
  asks: string;
  danger?: boolean;
  maxLength?: number;
  isPending: boolean;
  /** Why it was not done. */
  problem?: ReactNode;
  onReason: (reason: string) => void;
  onClose: () => void;
}

/** Asks for the reason without which something is not done. */
export function ReasonDialog({ maxLength = 2_000, ...props }: ReasonDialogProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <Modal
      open={props.open}
      title={props.title}
      okText={props.act}
      cancelText={t('cancel')}
      okButtonProps={{ danger: props.danger, disabled: !reason.trim() }}
      confirmLoading={props.isPending}
      onOk={() => props.onReason(reason.trim())}
      onCancel={props.onClose}
      afterOpenChange={(isOpen) => {
        if (!isOpen) setReason('');
      }}
      destroyOnHidden
    >
      <div className="stack">
        <p className="soft">{props.hint}</p>
        <Input.TextArea
          autoFocus
          autoSize={{ minRows: 2, maxRows: 6 }}
          maxLength={maxLength}
          value={reason}
          placeholder={props.asks}
          aria-label={props.asks}
          onChange={(event) => setReason(event.target.value)}
        />
        {props.problem}
      </div>
    </Modal>
  );
}
