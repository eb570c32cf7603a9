import type { VisionRule } from '@hallhub/shared/vision';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createTemplate, deleteTemplate, templatesQuery } from '../../api/vision.js';
import { Icon } from '../../ui/icons.js';
import { useProblemText } from '../../ui/problem-text.js';

/** Rules of a view kept under a name, for other cameras to begin with. */
export function TemplateDialog({ rules, onClose }: { rules: VisionRule[]; onClose: () => void }) {
  const { t } = useTranslation('video');
  const { message } = App.useApp();
  const client = useQueryClient();
  const templates = useQuery(templatesQuery);
  const [name, setName] = useState('');
  const refetch = () => client.invalidateQueries({ queryKey: ['vision', 'templates'] });
  const keep = useMutation({
    // What is said of devices of this hall does not hold elsewhere.
    mutationFn: () =>
      createTemplate({ name: name.trim(), note: '', rules: rules.map((rule) => ({ ...rule, facts: [] })) }),
    onSuccess: () => {
      void refetch();
      void message.success(t('template.kept', { name: name.trim() }));
      onClose();
    },
  });
  const drop = useMutation({ mutationFn: deleteTemplate, onSettled: refetch });
  const problem = useProblemText(keep.error ?? drop.error);
  return (
    <Modal
      open
      title={t('template.keepTitle', { count: rules.length })}
      okText={t('template.keep')}
      okButtonProps={{ disabled: name.trim() === '', loading: keep.isPending }}
      onOk={() => keep.mutate()}
      onCancel={onClose}
      destroyOnHidden
    >
      <Form layout="vertical" component="div" requiredMark={false}>
        <Form.Item label={t('template.name')} required>
          <Input
            autoFocus
            value={name}
            maxLength={100}
            onChange={({ target }) => setName(target.value)}
            onPressEnter={() => name.trim() && keep.mutate()}
          />
        </Form.Item>
      </Form>
      {keep.error || drop.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
      {templates.data && templates.data.items.length > 0 ? (
        <>
          <p className="soft">{t('template.there')}</p>
          <ul className="import-list">
            {templates.data.items.map((one) => (
              <li key={one.id}>
                <span className="grow clip">
                  {one.name} <span className="faint">· {t('template.rules', { count: one.rules.length })}</span>
                </span>
                <Button
                  size="small"
                  type="text"
                  icon={<Icon name="close" size={14} />}
                  aria-label={t('template.drop', { name: one.name })}
                  onClick={() => drop.mutate(one)}
                />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Modal>
  );
}
