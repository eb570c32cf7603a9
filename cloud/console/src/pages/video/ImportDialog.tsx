import { useMutation } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { type ImportOutcome, type ImportResult, importVision } from '../../api/vision.js';
import { useProblemText } from '../../ui/problem-text.js';

interface ImportDialogProps {
  file: unknown;
  preview: ImportResult;
  onDone: () => void;
  onClose: () => void;
}

/** What a file would do, camera by camera, before it does; and then what it did: one that was refused stops none of the others. */
export function ImportDialog({ file, preview, onDone, onClose }: ImportDialogProps) {
  const { t } = useTranslation(['video', 'cameras']);
  const run = useMutation({ mutationFn: () => importVision(file, false), onSuccess: onDone });
  const problem = useProblemText(run.error);
  const done = run.data;
  const changing = [...preview.cameras, ...preview.templates].filter(isChanged).length;
  return (
    <Modal
      open
      width={640}
      title={done ? t('cameras:import.doneTitle') : t('file.preview')}
      okText={done ? t('cameras:import.close') : t('file.ok', { count: changing })}
      okButtonProps={{ disabled: !done && changing === 0, loading: run.isPending }}
      onOk={() => (done ? onClose() : run.mutate())}
      onCancel={onClose}
      footer={
        done
          ? (_footer, { OkBtn }) => (
              <>
                <Button onClick={() => save(done)}>{t('cameras:import.download')}</Button>
                <OkBtn />
              </>
            )
          : undefined
      }
      destroyOnHidden
    >
      {done ? <p role="status">{t('file.done', { count: done.cameras.filter(isChanged).length })}</p> : null}
      <ul className="import-list">
        {(done ?? preview).cameras.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: neither a preview nor what was done changes
          <li key={index}>
            <span className="grow clip">
              {one.name} <span className="faint">· {one.hallName}</span>
              {one.reason ? <span className="small faint"> · {one.reason}</span> : null}
            </span>
            <span className="small soft nowrap">
              {t(`file.result.${one.result}`)}
              {one.result === 'replaced'
                ? ` · ${t('file.rules', { before: one.rulesBefore, after: one.rulesAfter })}`
                : null}
            </span>
          </li>
        ))}
        {(done ?? preview).templates.map((one) => (
          <li key={one.name}>
            <span className="grow clip">
              {one.name} <span className="faint">· {t('template.one')}</span>
            </span>
            <span className="small soft nowrap">{t(`file.result.${one.result}`)}</span>
          </li>
        ))}
      </ul>
      {run.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </Modal>
  );
}

const isChanged = ({ result }: Pick<ImportOutcome, 'result'>) => result === 'created' || result === 'replaced';

function save(result: ImportResult): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(result, null, 2)], { type: 'application/json' }));
  link.download = 'hallhub-vision-import.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
