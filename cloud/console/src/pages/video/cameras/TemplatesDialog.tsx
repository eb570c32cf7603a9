import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createTemplate, deleteTemplate, type Template, templatesQuery, updateTemplate } from '../../../api/vision.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../../ui/states.js';
import { useAlgorithmName } from '../use-algorithm-name.js';

/** Templates of the organisation: what is in each, its name, and away with it; what was taken away can be put back. */
export function TemplatesDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['cameras', 'video']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const templates = useQuery(templatesQuery);
  const [editing, setEditing] = useState<Template>();
  const refetch = () => client.invalidateQueries({ queryKey: templatesQuery.queryKey });
  const putBack = useMutation({ mutationFn: createTemplate, onSettled: refetch });
  const drop = useMutation({
    mutationFn: deleteTemplate,
    onSettled: refetch,
    onSuccess: (_done, { name, note, rules }) => {
      const key = `template ${name}`;
      void message.success({
        key,
        duration: 10,
        content: (
          <span className="row">
            {t('template.deleted', { name })}
            <Button
              size="small"
              type="link"
              onClick={() => {
                putBack.mutate({ name, note, rules });
                message.destroy(key);
              }}
            >
              {t('template.restore')}
            </Button>
          </span>
        ),
      });
    },
  });
  const problem = useProblemText(drop.error ?? putBack.error);
  const items = templates.data?.items;
  return (
    <Modal open width={640} title={t('template.title')} footer={null} onCancel={onClose} destroyOnHidden>
      {templates.error ? (
        <ErrorState error={templates.error} onRetry={() => void templates.refetch()} compact />
      ) : !items ? (
        <SkeletonLines lines={4} />
      ) : items.length === 0 ? (
        <Empty title={t('template.none')} hint={t('template.noneHint')} />
      ) : editing ? (
        <EditTemplate
          template={editing}
          onDone={() => {
            setEditing(undefined);
            void refetch();
          }}
        />
      ) : (
        <ul className="import-list">
          {items.map((one) => (
            <li key={one.id}>
              <span className="grow">
                {one.name}
                <span className="faint"> · {t('video:template.rules', { count: one.rules.length })}</span>
                {one.note ? <span className="small soft template-note">{one.note}</span> : null}
              </span>
              <span className="small faint nowrap">
                <RelativeTime time={one.updatedAt} />
              </span>
              <Button
                size="small"
                type="text"
                icon={<Icon name="edit" size={14} />}
                aria-label={t('template.edit', { name: one.name })}
                onClick={() => setEditing(one)}
              />
              <Button
                size="small"
                type="text"
                icon={<Icon name="close" size={14} />}
                aria-label={t('template.delete', { name: one.name })}
                onClick={() => drop.mutate(one)}
              />
            </li>
          ))}
        </ul>
      )}
      {drop.error || putBack.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </Modal>
  );
}

function EditTemplate({ template, onDone }: { template: Template; onDone: () => void }) {
  const { t } = useTranslation('cameras');
  const { message } = App.useApp();
  const algorithm = useAlgorithmName();
  const [name, setName] = useState(template.name);
  const [note, setNote] = useState(template.note);
  const [rules, setRules] = useState(template.rules);
  const save = useMutation({
    mutationFn: () => updateTemplate(template, { name: name.trim(), note: note.trim(), rules }),
    onSuccess: () => {
      void message.success(t('template.saved'));
      onDone();
    },
  });
  const problem = useProblemText(save.error);
  return (
    <Form layout="vertical" component="div" requiredMark={false}>
      <Form.Item label={t('template.name')} required>
        <Input
          autoFocus
          aria-label={t('template.name')}
          value={name}
          maxLength={100}
          onChange={({ target }) => setName(target.value)}
        />
      </Form.Item>
      <Form.Item label={t('template.note')}>
        <Input
          aria-label={t('template.note')}
          value={note}
          maxLength={500}
          placeholder={t('template.noteHint')}
          onChange={({ target }) => setNote(target.value)}
        />
      </Form.Item>
      <Form.Item label={t('template.rules')} extra={rules.length === 1 ? t('template.lastRule') : undefined}>
        <ul className="import-list">
          {rules.map((rule) => (
            <li key={rule.id}>
              <span className="grow clip">
                {rule.name} <span className="faint">· {algorithm(rule.algorithm)}</span>
              </span>
              {rules.length > 1 ? (
                <Button
                  size="small"
                  type="text"
                  icon={<Icon name="close" size={14} />}
                  aria-label={t('template.dropRule', { rule: rule.name })}
                  onClick={() => setRules(rules.filter(({ id }) => id !== rule.id))}
                />
              ) : null}
            </li>
          ))}
        </ul>
      </Form.Item>
      {save.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
      <div className="row dialog-foot">
        <Button onClick={onDone}>{t('template.back')}</Button>
        <Button type="primary" disabled={name.trim() === ''} loading={save.isPending} onClick={() => save.mutate()}>
          {t('template.save')}
        </Button>
      </div>
    </Form>
  );
}
