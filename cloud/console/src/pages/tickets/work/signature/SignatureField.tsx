import { useMutation } from '@tanstack/react-query';
import { Button, Checkbox, Input, Modal, Segmented } from 'antd';
import { useContext, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketField } from '../../../../api/tickets.js';
import { useLabel } from '../../../../i18n/use-language.js';
import { useProblemText } from '../../../../ui/problem-text.js';
import { FileKeeperContext } from './file-keeper.js';
import { SignaturePad } from './SignaturePad.js';
import { SignatureShown, signatureIn } from './SignatureShown.js';
import { isSigned, pictureOf, type Stroke } from './strokes.js';
import './signature.css';

interface SignatureFieldProps {
  id: string;
  field: TicketField;
  value: unknown;
  isMasked: boolean;
  disabled: boolean;
  ticketId: string | undefined;
  onChange: (value: unknown) => void;
}

/** Who confirms, by their hand; or by their name, typed and confirmed, for who cannot draw. */
export function SignatureField({ id, field, value, isMasked, disabled, ticketId, onChange }: SignatureFieldProps) {
  const { t } = useTranslation('fieldWork');
  const [isOpen, setOpen] = useState(false);
  const signed = isMasked ? undefined : signatureIn(value);
  return (
    <div className="signature-field">
      {signed ? <SignatureShown signature={signed} ticketId={ticketId} /> : null}
      {isMasked ? <p className="small soft">{t('signature.masked')}</p> : null}
      <div className="row row-wrap">
        <Button id={id} className="touch" disabled={disabled} onClick={() => setOpen(true)}>
          {t(signed || isMasked ? 'signature.again' : 'signature.sign')}
        </Button>
        {signed ? (
          <Button className="touch" type="text" disabled={disabled} onClick={() => onChange(null)}>
            {t('signature.drop')}
          </Button>
        ) : null}
      </div>
      {isOpen ? (
        <SignDialog field={field} ticketId={ticketId} onSigned={onChange} onClose={() => setOpen(false)} />
      ) : null}
    </div>
  );
}

interface SignDialogProps {
  field: TicketField;
  ticketId: string | undefined;
  onSigned: (value: unknown) => void;
  onClose: () => void;
}

function SignDialog({ field, ticketId, onSigned, onClose }: SignDialogProps) {
  const { t } = useTranslation(['fieldWork', 'common']);
  const label = useLabel();
  const keeper = useContext(FileKeeperContext);
  const hintId = useId();
  const [way, setWay] = useState<'drawn' | 'typed'>('drawn');
  const [name, setName] = useState('');
  const [isSure, setSure] = useState(false);
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const save = useMutation({
    mutationFn: async () => {
      const said = { name: name.trim(), at: new Date().toISOString() };
      if (way === 'typed') return said;
      const blob = await pictureOf(strokes);
      return { ...said, file: await keeper.keep({ ticketId, field: field.key, name: 'signature.png', blob }) };
    },
    onSuccess: (value) => {
      onSigned(value);
      onClose();
    },
  });
  const problem = useProblemText(save.error);
  const isReady = name.trim() !== '' && (way === 'typed' ? isSure : isSigned(strokes));
  return (
    <Modal
      open
      centered
      width={640}
      className="signature-dialog"
      title={label(field.label)}
      mask={{ closable: strokes.length === 0 && name === '' }}
      onCancel={onClose}
      cancelText={t('common:cancel')}
      okText={t('signature.done')}
      okButtonProps={{ disabled: !isReady }}
      confirmLoading={save.isPending}
      onOk={() => save.mutate()}
    >
      <div className="stack">
        <Segmented
          block
          aria-label={t('signature.way')}
          value={way}
          options={(['drawn', 'typed'] as const).map((one) => ({ value: one, label: t(`signature.${one}`) }))}
          onChange={setWay}
        />
        {way === 'drawn' ? (
          <>
            <p id={hintId} className="small soft">
              {t('signature.hint')}
            </p>
            <SignaturePad describedBy={hintId} strokes={strokes} onChange={setStrokes} />
          </>
        ) : null}
        <div className="signature-name">
          <label htmlFor={`${hintId}name`}>{t('signature.name')}</label>
          <Input
            id={`${hintId}name`}
            maxLength={60}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </div>
        {way === 'typed' ? (
          <Checkbox checked={isSure} onChange={({ target }) => setSure(target.checked)}>
            {t('signature.sure')}
          </Checkbox>
        ) : null}
        {save.error ? (
          <p role="alert" className="field-problem">
            {t('signature.notKept')} {problem.next}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}
